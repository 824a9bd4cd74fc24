#include "broker/program/outside_witnesses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "audit/add_checkpoint.h"
#include "base/log.h"
#include "broker/shell/logs.h"
#include "web/client.h"
#include "web/guard.h"

namespace liaison::broker {
namespace {

constexpr std::size_t answer_bytes_max = 16 * 1024;
constexpr std::size_t url_bytes_max = 500;
constexpr int conflicts_max = 3;

web::ClientOptions client_options() {
  web::ClientOptions out;
  out.connect_max = std::chrono::seconds(5);
  out.answer_max = std::chrono::seconds(10);
  out.answer_bytes_max = answer_bytes_max;
  out.certificate = web::ClientOptions::Certificate::checked;
  return out;
}

/// The host of "host", "host:port", "[::1]:port".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

Result<OutsideWitness> parse_outside_witness(std::string_view text) {
  const auto wrong =
      fail(Reason::malformed, "a witness is \"https://HOST/PREFIX KEY\", its key as NAME+ID+KEY");
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space > url_bytes_max) return wrong;
  auto url = text.substr(0, space);
  const auto key = audit::parse_note_key(text.substr(space + 1));
  if (!key) return fail(key.error().reason, "a witness's key: " + key.error().text);
  if (key->kind != audit::KeyKind::cosignature)
    return fail(Reason::malformed, "that key is a log's, and no witness's");
  const auto scheme = url.substr(0, url.find("//"));
  if (scheme != "https:" && scheme != "http:") return wrong;
  const auto begin = scheme.size() + 2;
  const auto slash = std::min(url.find('/', begin), url.size());
  const auto authority = url.substr(begin, slash - begin);
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '@'; };
  if (authority.empty() || !std::all_of(url.begin(), url.end(), plain)) return wrong;
  if (scheme == "http:" && !web::is_loopback(host_of(authority)))
    return fail(Reason::malformed, "a witness on another machine is asked by https");
  auto prefix = url.substr(slash);
  while (prefix.ends_with('/'))
    prefix.remove_suffix(1);
  return OutsideWitness{std::string(url.substr(0, slash)), std::string(prefix), *key};
}

std::string encode(const OutsideWitness& witness) {
  return witness.url + witness.prefix + ' ' + audit::encode(witness.key);
}

/// One witness: what the loop knows of it, and the thread that waits for its answers.
struct OutsideWitnesses::Asker {
  explicit Asker(OutsideWitness asked)
      : who(std::move(asked)),
        path(who.prefix + "/add-checkpoint"),
        client(who.url, client_options()),
        thread([this] { run(); }) {}
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  ~Asker() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    client.stop();
    thread.join();
  }

  // The loop's alone.
  struct Of {
    std::string origin;
    std::uint64_t known = 0;  ///< what it cosigned last, as it says
    std::string cosigned;     ///< the text that it cosigned last for us
  };
  struct Question {
    LogName log{};
    audit::SignedCheckpoint checkpoint;
    std::uint64_t old_size = 0;
  };

  void look(Engine& engine, Now now);
  void ask(Engine& engine, Now now);
  void heard(Engine& engine, const Result<web::Response>& answer, Now now);
  void conflict(const web::Response& answer, Of& of, Now now);
  void failed(const std::string& why, Now now);
  void run();
  std::optional<Result<web::Response>> take_answer() {
    const std::lock_guard lock(mutex);
    return std::exchange(answer, std::nullopt);
  }

  OutsideWitness who;
  std::string path;
  std::array<Of, 2> logs;
  std::optional<Question> under_way;
  std::size_t turn = 0;  ///< which log is looked at first
  int conflicts = 0;
  Duration ask_at{};
  Duration pause = std::chrono::seconds(1);
  Duration failing_steady{};
  WitnessStanding standing;

  // Between the two.
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::optional<std::string> question;
  std::optional<Result<web::Response>> answer;

  // The thread's, which begins last.
  web::Client client;
  std::thread thread;
};

void OutsideWitnesses::Asker::run() {
  for (;;) {
    std::string body;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopping || question; });
      if (stopping) return;
      body = std::move(*question);
      question.reset();
    }
    auto got = client.request(web::Method::post, path, body, "text/plain");
    {
      const std::lock_guard lock(mutex);
      answer = std::move(got);
    }
    changed.notify_all();
  }
}

void OutsideWitnesses::Asker::look(Engine& engine, Now now) {
  if (standing.url.empty()) {
    standing.url = who.url + who.prefix;
    standing.name = who.key.name;
  }
  if (under_way)
    if (const auto got = take_answer()) {
      heard(engine, *got, now);
      under_way.reset();
    }
  if (!under_way && now.steady >= ask_at) ask(engine, now);
  standing.is_overdue = standing.failing_since && now.steady >= failing_steady + patience;
}

void OutsideWitnesses::Asker::ask(Engine& engine, Now now) {
  for (int tried = 0; tried < 2; ++tried) {
    const auto name = static_cast<LogName>(turn);
    turn = 1 - turn;
    auto& log = engine.logs().of(name);
    auto& of = logs[static_cast<std::size_t>(name)];
    if (!log.newest()) continue;
    const auto& newest = *log.newest();
    if (of.origin != newest.checkpoint.origin) of = {newest.checkpoint.origin, 0, {}};
    if (of.cosigned == newest.note.text) continue;
    const auto size = newest.checkpoint.size;
    if (of.known > size)
      return failed(fmt::format("it has cosigned {} entries of {}, of which this broker has {}: "
                                "was its store put back without `restore`?",
                                std::exchange(of.known, 0), of.origin, size),
                    now);
    audit::AddCheckpoint request;
    request.old_size = of.known;
    request.note = newest.note;
    if (of.known > 0 && of.known < size) {
      auto proof = log.prove_consistency(of.known);
      if (!proof) return failed("the log's tiles cannot be read for a proof", now);
      request.proof = std::move(*proof);
    }
    under_way = Question{name, newest, of.known};
    {
      const std::lock_guard lock(mutex);
      question = audit::encode(request);
    }
    return changed.notify_all();
  }
}

void OutsideWitnesses::Asker::heard(Engine& engine, const Result<web::Response>& got, Now now) {
  auto& of = logs[static_cast<std::size_t>(under_way->log)];
  const auto& checkpoint = under_way->checkpoint;
  if (of.origin != checkpoint.checkpoint.origin) return;  // the exchange began another meanwhile
  if (!got) return failed(got.error().text, now);
  if (got->status == 409) return conflict(*got, of, now);
  const auto about = [&](const char* what) {
    return failed(fmt::format("{} {}", what, of.origin), now);
  };
  if (got->status == 404) return about("it does not know the log, or its URL is another:");
  if (got->status == 403) return about("it does not trust the key of");
  if (got->status == 422) {
    of.known = 0;
    return about("it finds no proof in what it was sent of");
  }
  if (got->status != 200) return failed(fmt::format("it answers with {}", got->status), now);
  const auto added = engine.cosigned_outside(under_way->log, checkpoint, got->body, who.key);
  if (!added) return failed("its answer is no cosignature by its key", now);
  of.known = checkpoint.checkpoint.size;
  of.cosigned = checkpoint.note.text;
  conflicts = 0;
  pause = std::chrono::seconds(1);
  ask_at = now.steady + (turn == 0 ? asked_every : Duration{});
  standing.cosigned_at = now.wall;
  standing.trouble.clear();
  standing.failing_since.reset();
}

void OutsideWitnesses::Asker::conflict(const web::Response& got, Of& of, Now now) {
  const auto size = audit::parse_tree_size(got.body);
  if (!size || got.content_type.rfind(audit::tree_size_type, 0) != 0)
    return failed("it says 409, and not the size that it has", now);
  // The first question, which names 0, is answered so; what is said again and again is no answer.
  if (*size == under_way->old_size)
    return failed(fmt::format("it has cosigned another tree of {} entries of {}: keep this store, "
                              "and tell an auditor",
                              *size, of.origin),
                  now);
  if (++conflicts > conflicts_max) {
    conflicts = 0;
    return failed("it names another size each time", now);
  }
  of.known = *size;
  turn = static_cast<std::size_t>(under_way->log);
  ask_at = now.steady;
}

void OutsideWitnesses::Asker::failed(const std::string& why, Now now) {
  if (standing.trouble != why)
    log::warning("a witness did not cosign", {{"witness", who.key.name}, {"why", why}});
  standing.trouble = why;
  if (!standing.failing_since) {
    standing.failing_since = now.wall;
    failing_steady = now.steady;
  }
  ask_at = now.steady + pause;
  pause = std::min<Duration>(2 * pause, asked_again_longest);
}

OutsideWitnesses::OutsideWitnesses(std::vector<OutsideWitness> witnesses) {
  for (auto& each : witnesses)
    askers_.push_back(std::make_unique<Asker>(std::move(each)));
}

OutsideWitnesses::~OutsideWitnesses() = default;

void OutsideWitnesses::look(Engine& engine, Now now) {
  std::vector<WitnessStanding> standings;
  for (auto& each : askers_) {
    each->look(engine, now);
    standings.push_back(each->standing);
  }
  engine.tell_witnesses(std::move(standings));
}

void OutsideWitnesses::await_answers() {
  for (auto& each : askers_) {
    if (!each->under_way) continue;
    std::unique_lock lock(each->mutex);
    each->changed.wait(lock, [&] { return each->answer.has_value(); });
  }
}

}  // namespace liaison::broker
