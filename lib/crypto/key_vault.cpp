#include "crypto/key_vault.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/check.h"
#include "crypto/file.h"
#include "crypto/pkcs8_file.h"
#include "crypto/record.h"

namespace liaison::crypto {

struct KeyVault::State {
  std::filesystem::path directory;  ///< empty: in memory
  std::optional<Secret> passphrase;
  std::map<std::string, Secret, std::less<>> in_memory;

  [[nodiscard]] const Secret* passphrase_or_null() const {
    return passphrase ? &*passphrase : nullptr;
  }
};

namespace {

constexpr std::size_t key_file_bytes_max = 16 * 1024;
/// Kept first, so that there is something to prove the passphrase by. No key of anything.
constexpr std::string_view proof_name = "passphrase-proof";

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(), [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-';
         });
}

std::filesystem::path file_of(const std::filesystem::path& directory, std::string_view name) {
  return directory / (std::string(name) + ".pem");
}

Result<Secret> read_key(const std::filesystem::path& path, const Secret* passphrase) {
  const auto text = read_file(path, key_file_bytes_max, Readers::owner_alone);
  if (!text) return fail(text.error());
  auto pkcs8 = read_key_text(as_text(text->view()), passphrase);
  if (!pkcs8)
    return fail(pkcs8.error().reason, "the key file " + path.string() + ' ' + pkcs8.error().text);
  return pkcs8;
}

template <class Key>
Result<Key> parsed(std::string_view name, const Result<Secret>& pkcs8) {
  if (!pkcs8) return fail(pkcs8.error());
  auto key = Key::parse(pkcs8->view());
  if (!key)
    return fail(key.error().reason,
                "the key file " + std::string(name) + ".pem: " + key.error().text);
  return key;
}

Secret curve_pkcs8(const Secret& secret) {
  // X25519 takes any 32 octets, so a symmetric key is kept in the same form.
  static constexpr std::uint8_t front[16] = {0x30, 0x2e, 2,    1,    0, 0x30, 5, 6,
                                             3,    0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20};
  Secret out(sizeof front + secret.size());
  std::copy(std::begin(front), std::end(front), out.data());
  std::copy(secret.view().begin(), secret.view().end(), out.data() + sizeof front);
  return out;
}

}  // namespace

Result<KeyVault> KeyVault::create(const std::filesystem::path& directory,
                                  std::optional<Secret> passphrase) {
  if (std::filesystem::exists(file_of(directory, proof_name))) {
    return fail(Reason::conflict,
                "there are keys in " + directory.string() + " already: nothing was changed");
  }
  std::filesystem::create_directories(directory);
  if (::chmod(directory.c_str(), S_IRWXU) != 0) {
    throw std::runtime_error("cannot close " + directory.string() + " to others");
  }
  KeyVault out(std::make_shared<State>());
  out.state_->directory = directory;
  out.state_->passphrase = std::move(passphrase);
  out.keep_pkcs8(proof_name, curve_pkcs8(fresh_key()));
  if (directory.has_parent_path()) sync_directory(directory.parent_path());
  return out;
}

Result<KeyVault> KeyVault::open(const std::filesystem::path& directory,
                                std::optional<Secret> passphrase) {
  const auto proof = read_key(file_of(directory, proof_name), passphrase ? &*passphrase : nullptr);
  if (!proof) {
    switch (proof.error().reason) {
      case Reason::not_found:
        return fail(Reason::not_found, "there are no keys in " + directory.string());
      case Reason::untrusted:
        return fail(Reason::untrusted,
                    passphrase ? "the passphrase is not that of the keys in " + directory.string()
                               : "the keys in " + directory.string() + " need a passphrase");
      default:
        return fail(proof.error());
    }
  }
  KeyVault out(std::make_shared<State>());
  out.state_->directory = directory;
  // A passphrase that plain keys do not need is not put on new ones either: `status` shows what is
  // there.
  if (!is_unprotected(directory)) out.state_->passphrase = std::move(passphrase);
  finish_destroying(directory);
  return out;
}

KeyVault KeyVault::in_memory() {
  return KeyVault(std::make_shared<State>());
}

bool KeyVault::is_unprotected(const std::filesystem::path& directory) {
  const auto text = read_file(file_of(directory, proof_name), key_file_bytes_max, Readers::anyone);
  return text && kind_of_key_text(as_text(text->view())) == KeyText::plain;
}

bool KeyVault::unprotected() const {
  return !state_->passphrase;
}

bool KeyVault::has(std::string_view name) const {
  if (state_->directory.empty()) return state_->in_memory.find(name) != state_->in_memory.end();
  return is_name(name) && std::filesystem::exists(file_of(state_->directory, name));
}

std::vector<std::string> KeyVault::names() const {
  std::vector<std::string> out;
  if (state_->directory.empty()) {
    for (const auto& [name, key] : state_->in_memory)
      out.push_back(name);
    return out;
  }
  for (const auto& entry : std::filesystem::directory_iterator(state_->directory)) {
    const auto& path = entry.path();
    const auto name = path.stem().string();
    if (path.extension() == ".pem" && is_name(name) && name != proof_name) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void KeyVault::keep_pkcs8(std::string_view name, const Secret& pkcs8) {
  LIAISON_CHECK(is_name(name));
  if (state_->directory.empty()) {
    state_->in_memory.insert_or_assign(std::string(name), pkcs8.clone());
    return;
  }
  const auto text = write_key_text(pkcs8, state_->passphrase_or_null());
  write_file(file_of(state_->directory, name), text.view(), S_IRUSR | S_IWUSR);
}

void KeyVault::keep(std::string_view name, const PrivateKey& key) {
  keep_pkcs8(name, key.pkcs8());
}
void KeyVault::keep(std::string_view name, const Ed25519Key& key) {
  keep_pkcs8(name, key.pkcs8());
}
void KeyVault::keep(std::string_view name, const CurvePair& key) {
  keep_pkcs8(name, key.pkcs8());
}
void KeyVault::keep(std::string_view name, const Secret& secret) {
  LIAISON_CHECK(secret.size() == 32);
  keep_pkcs8(name, curve_pkcs8(secret));
}

Result<Secret> KeyVault::pkcs8(std::string_view name) const {
  LIAISON_CHECK(is_name(name));
  if (!state_->directory.empty())
    return read_key(file_of(state_->directory, name), state_->passphrase_or_null());
  const auto found = state_->in_memory.find(name);
  if (found == state_->in_memory.end())
    return fail(Reason::not_found, "there is no key " + std::string(name));
  return found->second.clone();
}

Result<PrivateKey> KeyVault::private_key(std::string_view name) const {
  return parsed<PrivateKey>(name, pkcs8(name));
}

Result<Ed25519Key> KeyVault::ed25519(std::string_view name) const {
  return parsed<Ed25519Key>(name, pkcs8(name));
}

Result<CurvePair> KeyVault::curve(std::string_view name) const {
  return parsed<CurvePair>(name, pkcs8(name));
}

Result<Secret> KeyVault::secret(std::string_view name) const {
  const auto pair = curve(name);
  if (!pair) return fail(pair.error());
  return pair->secret().clone();
}

void KeyVault::destroy(std::string_view name) {
  LIAISON_CHECK(is_name(name));
  if (state_->directory.empty()) {
    if (const auto found = state_->in_memory.find(name); found != state_->in_memory.end()) {
      state_->in_memory.erase(found);
    }
    return;
  }
  destroy_file(file_of(state_->directory, name));
}

}  // namespace liaison::crypto
