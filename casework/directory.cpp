#include "casework/directory.h"

#include <algorithm>

#include "casework/codes.h"
#include "casework/standards.h"

namespace liaison::casework {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  // ASCII only: names beyond it match as they are written.
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : lower(text)) {
    if (is_word(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

/// Whether a word of `text` begins with `word`; both lower case.
bool has_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (at == 0 || !is_word(text[at - 1])) return true;
  }
  return false;
}

void append(std::string& text, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    text += "\n" + one;
}

/// What decides the order: its name and what it helps with.
std::string heading_of(const Service& service) {
  std::string text = service.name;
  append(text, service.needs);
  return lower(text + "\n" + service.kind);
}

std::string text_of(const Service& service) {
  std::string text = service.name + "\n" + service.id + "\n" + service.provider.text() + "\n" +
                     service.organisation + "\n" + service.description + "\n" + service.kind +
                     "\n" + service.needs_text + "\n" + service.eligibility + "\n" +
                     service.accessibility;
  append(text, service.needs);
  append(text, service.areas);
  append(text, service.languages);
  append(text, service.terms);
  for (const ServicePlace& place : service.places)
    text += "\n" + place.name + "\n" + place.address + "\n" + place.postcode;
  return lower(text);
}

}  // namespace

std::string reference_of(const Service& service) {
  return service.provider.text() + "/" + service.id;
}

bool is_stale(const Service& service, Instant now) {
  Instant confirmed = service.published_at;
  if (service.assured && std::chrono::sys_days(*service.assured) > confirmed)
    confirmed = std::chrono::sys_days(*service.assured);
  return now - confirmed > std::chrono::days(service.review_interval_days);
}

bool Directory::put(Service service) {
  auto key = std::make_pair(service.provider, service.id);
  auto at = services_.find(key);
  if (at != services_.end() && at->second.version >= service.version) return false;
  services_.insert_or_assign(std::move(key), std::move(service));
  return true;
}

Result<const Service*> Directory::find(std::string_view wanted) const {
  std::string shown = shorten(wanted, 100);
  if (auto slash = wanted.find('/'); slash != std::string_view::npos) {
    auto provider = NodeId::parse(wanted.substr(0, slash));
    const Service* service = provider ? find(*provider, wanted.substr(slash + 1)) : nullptr;
    if (service != nullptr) return service;
  }
  const Service* found = nullptr;
  for (const auto& [key, service] : services_) {
    // One that names its provider is never another's, whatever id that one chose.
    if (key.second != wanted || wanted.find('/') != std::string_view::npos) continue;
    if (found != nullptr) {
      return fail(Reason::conflict, "service: several providers have a service \"" + shown +
                                        "\"; say which, as in " + reference_of(*found));
    }
    found = &service;
  }
  if (found == nullptr) {
    return fail(Reason::not_found, "service: there is no service \"" + shown +
                                       "\" in the directory; find lists those there are");
  }
  return found;
}

const Service* Directory::find(const NodeId& provider, std::string_view id) const {
  auto at = services_.find(std::make_pair(provider, std::string(id)));
  return at == services_.end() ? nullptr : &at->second;
}

std::vector<const Service*> Directory::search(std::string_view text) const {
  auto words = words_of(text);
  std::vector<std::pair<std::size_t, const Service*>> found;
  for (const auto& [key, service] : services_) {
    if (service.closed) continue;
    std::string all = text_of(service);
    if (!std::ranges::all_of(words, [&](const std::string& word) { return has_word(all, word); }))
      continue;
    std::string heading = heading_of(service);
    auto in_heading = std::ranges::count_if(
        words, [&](const std::string& word) { return has_word(heading, word); });
    found.emplace_back(words.size() - static_cast<std::size_t>(in_heading), &service);
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->name) < std::tie(b.first, b.second->name);
  });
  std::vector<const Service*> out;
  for (const auto& [missing, service] : found)
    out.push_back(service);
  return out;
}

bool Directory::is_contracted(const NodeId& provider) const {
  return std::ranges::any_of(services_, [&](const auto& entry) {
    return entry.second.provider == provider && entry.second.contracted && !entry.second.closed;
  });
}

}  // namespace liaison::casework
