#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/id.h"
#include "node/desk/people.h"

namespace liaison::store {
class Database;
}

namespace liaison::node {

inline constexpr Duration token_life = std::chrono::hours(24 * 90);

/// Not found: the sentence for a name that nobody here has.
tl::unexpected<Error> nobody(const std::string& name);

struct TokenView {
  std::string id;
  std::string person;
  Scope scope = Scope::all;
  Instant created_at{};
  Instant expires_at{};
  std::optional<Instant> withdrawn_at;
};

/// People and tokens in a node's store. Writes go into the transaction that the caller has open.
class PeopleStore {
 public:
  explicit PeopleStore(store::Database& database) : database_(database) {}

  /// Conflict: that name is taken. `password` is as crypto::hash_password encodes it, or empty.
  Result<void> add(const Person& person, const std::string& password);
  [[nodiscard]] std::vector<Person> list() const;
  [[nodiscard]] std::optional<Person> find(const std::string& name) const;
  /// The encoded password of someone who may sign in; empty if there is none such.
  [[nodiscard]] std::string password_of(const std::string& name) const;
  Result<void> set_password(const std::string& name, const std::string& password);
  /// Ends the person's sign-in and withdraws their tokens; the person stays on the record.
  Result<void> disable(const std::string& name, Instant now);
  Result<void> enable(const std::string& name);

  struct NewToken {
    std::string id;
    std::string token;  ///< what the bearer keeps; the store has its digest alone
    Instant expires_at{};
  };
  Result<NewToken> make_token(const std::string& person, Scope scope, Duration life,
                              Entropy& entropy, Instant now);
  [[nodiscard]] std::vector<TokenView> tokens(const std::string& person) const;
  Result<void> withdraw_token(const std::string& id, Instant now);
  /// Everybody's, at a restore: of those that a backup has, some were withdrawn since.
  void withdraw_all_tokens(Instant now);
  /// Who bears this token now; nullopt: unknown, expired, withdrawn, or its person is disabled.
  [[nodiscard]] std::optional<Caller> bearer(const Digest& token, Instant now) const;

 private:
  store::Database& database_;
};

/// What is kept of a token or session in place of it.
Digest digest_of_token(std::string_view token);

}  // namespace liaison::node
