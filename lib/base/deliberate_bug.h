#pragma once

/// Deliberate bugs, one or more for each invariant of docs/SECURITY.md, by which the simulation
/// proves that it would find them. Only builds with LIAISON_DELIBERATE_BUGS have the switch; in a
/// product build LIAISON_BUG(x) is the constant false and leaves no code.
///
///   if (!LIAISON_BUG(accept_before_commit)) commit();
#ifdef LIAISON_DELIBERATE_BUGS
#include <string_view>
namespace liaison {
/// Turns exactly one bug on; "" turns all off.
void choose_bug(std::string_view name);
bool bug_is_on(std::string_view name);
}  // namespace liaison
#define LIAISON_BUG(name) (::liaison::bug_is_on(#name))
#else
#define LIAISON_BUG(name) false
#endif
