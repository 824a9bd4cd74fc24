#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace liaison {

/// Why something expected failed. What a peer is told of a refusal is a narrower list of its own
/// (schemas/link.capnp, RefusalReason).
enum class Reason {
  malformed,    ///< bytes or text not of their form
  too_large,    ///< over a stated limit
  unsupported,  ///< well formed, of a version or kind this program does not know
  untrusted,  ///< a signature, chain, commitment or identity that does not hold; one answer for all
  forbidden,  ///< known, and not allowed
  expired,    ///< past its time, or not yet valid
  not_found,
  conflict,  ///< contradicts what is kept: a repeat with other content, a move the state does not
             ///< allow
  busy,      ///< a limit reached that passes with time
  unavailable,  ///< needs something that is not here yet
};

/// An expected failure: what a caller is to do depends on `reason`; a person reads `text`
/// (one line: what happened and what to do; never a client's detail).
struct Error {
  Reason reason;
  std::string text;
  friend bool operator==(const Error&, const Error&) = default;
};

/// The value, or why there is none. Nothing that reads a peer's input throws; it returns this.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  using tl::expected<T, Error>::expected;
};

/// `return fail(Reason::malformed, "...")`
inline tl::unexpected<Error> fail(Reason reason, std::string text) {
  return tl::unexpected<Error>(Error{reason, std::move(text)});
}
/// Passes a failure on: `if (!value) return fail(value.error());`
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

/// Short name for a reason, as in problem documents and logs.
const char* name_of(Reason reason);

}  // namespace liaison
