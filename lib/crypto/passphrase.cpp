#include "crypto/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/terminal.h"
#include "crypto/file.h"

namespace liaison::crypto {

namespace {

constexpr std::size_t passphrase_bytes_max = 1024;

Result<std::optional<Secret>> first_line(const Result<Secret>& content, const std::string& where) {
  if (!content) return fail(content.error());
  const auto text = as_text(content->view());
  auto line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return fail(Reason::malformed, where + " has no passphrase in its first line");
  return std::optional<Secret>(Secret(copy_of(as_bytes(line))));
}

void say(int terminal, std::string_view text) {
  // What the terminal does not show is no reason not to read from it.
  if (::write(terminal, text.data(), text.size()) < 0) return;
}

Secret read_line(int terminal) {
  Bytes out;
  out.reserve(passphrase_bytes_max);  // never moved, so nothing of it stays behind
  char each = 0;
  while (out.size() < passphrase_bytes_max && ::read(terminal, &each, 1) == 1 && each != '\n') {
    out.push_back(static_cast<std::uint8_t>(each));
  }
  return Secret(std::move(out));
}

Result<std::optional<Secret>> ask_terminal(Ask ask) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) {
    return fail(
        Reason::unavailable,
        "there is no terminal to ask for the passphrase: give it in a file or as a credential");
  }
  Secret first;
  Secret second;
  {
    const SilentTerminal silent(terminal);
    say(terminal, "Passphrase of the keys: ");
    first = read_line(terminal);
    say(terminal, "\n");
    if (ask == Ask::twice) {
      say(terminal, "Once more: ");
      second = read_line(terminal);
      say(terminal, "\n");
    }
  }
  ::close(terminal);
  if (first.empty()) return fail(Reason::malformed, "no passphrase was given");
  if (ask == Ask::twice && !equal(first.view(), second.view())) {
    return fail(Reason::malformed, "the two passphrases differ: nothing was made, try again");
  }
  return std::optional<Secret>(std::move(first));
}

}  // namespace

Result<std::optional<Secret>> read_passphrase(const PassphraseSource& source, Ask ask) {
  switch (source.kind) {
    case PassphraseSource::Kind::unprotected:
      return std::optional<Secret>();
    case PassphraseSource::Kind::file:
      return first_line(read_file(source.file, passphrase_bytes_max, Readers::owner_alone),
                        source.file.string());
    case PassphraseSource::Kind::credential: {
      const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
      if (directory == nullptr || *directory == '\0') {
        return fail(Reason::unavailable,
                    "CREDENTIALS_DIRECTORY is not set: start the service by systemd with "
                    "LoadCredentialEncrypted=" +
                        source.credential);
      }
      const auto path = std::filesystem::path(directory) / source.credential;
      // systemd's own directory is closed to others, whatever the file's mode.
      return first_line(read_file(path, passphrase_bytes_max, Readers::anyone), path.string());
    }
    case PassphraseSource::Kind::terminal:
      return ask_terminal(ask);
  }
  return fail(Reason::unsupported, "no such source of passphrases");
}

}  // namespace liaison::crypto
