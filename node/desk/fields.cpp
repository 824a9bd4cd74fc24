#include "node/desk/fields.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "casework/codes.h"
#include "casework/text.h"
#include "web/json.h"

namespace liaison::node {
namespace {

std::string trimmed(std::string text) {
  constexpr const char* space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

Error wrong_type(const std::string& name, const char* wanted) {
  return {Reason::malformed, "\"" + name + "\" must be " + wanted};
}

}  // namespace

Fields::Fields(std::string_view body)
    : object_(std::make_unique<nlohmann::json>(nlohmann::json::object())) {
  if (body.empty()) return;
  auto parsed = web::parse_json_object(body);
  if (parsed) {
    *object_ = std::move(*parsed);
  } else {
    refuse(parsed.error());
  }
}

Fields::~Fields() = default;

const nlohmann::json* Fields::find(const std::string& name) {
  known_.insert(name);
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

void Fields::refuse(Error error) {
  if (!wrong_) wrong_ = std::move(error);
}

void Fields::note_unfit(const std::string& name, const std::string& text) {
  const auto unfit = unfit_character(text, Lines::many);
  if (!unfit.empty())
    refuse({Reason::malformed,
            "\"" + name + "\" holds a character that is not text (" + unfit + "): leave it out"});
}

std::string Fields::given(const std::string& name) {
  const auto* value = find(name);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  refuse(wrong_type(name, "a text"));
  return "";
}

std::string Fields::bounded(const std::string& name, std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  refuse({Reason::too_large,
          "\"" + name + "\" is over " + std::to_string(bytes_max) + " octets: shorten it"});
  return "";
}

std::string Fields::required(const std::string& name, std::string text, const std::string& remedy) {
  if (text.empty()) refuse({Reason::malformed, "\"" + name + "\" is missing: " + remedy});
  return text;
}

std::string Fields::text(const std::string& name, std::size_t bytes_max) {
  auto out = trimmed(given(name));
  note_unfit(name, out);
  return bounded(name, std::move(out), bytes_max);
}

std::string Fields::line(const std::string& name, std::size_t bytes_max) {
  auto out = text(name, bytes_max);
  if (unfit_character(out, Lines::one).empty()) return out;
  refuse(wrong_type(name, "one line of text"));
  return "";
}

std::string Fields::required_line(const std::string& name, const std::string& remedy,
                                  std::size_t bytes_max) {
  return required(name, line(name, bytes_max), remedy);
}

std::string Fields::required_text(const std::string& name, const std::string& remedy,
                                  std::size_t bytes_max) {
  return required(name, text(name, bytes_max), remedy);
}

std::string Fields::secret(const std::string& name, const std::string& remedy,
                           std::size_t bytes_max) {
  return required(name, bounded(name, given(name), bytes_max), remedy);
}

std::vector<std::string> Fields::texts(const std::string& name, std::size_t count_max) {
  std::vector<std::string> out;
  const auto* value = find(name);
  if (value == nullptr) return out;
  if (!value->is_array()) {
    refuse(wrong_type(name, "a list of texts"));
    return out;
  }
  for (const auto& one : *value) {
    if (!one.is_string() || out.size() == count_max) {
      refuse(
          wrong_type(name, ("a list of at most " + std::to_string(count_max) + " texts").c_str()));
      return out;
    }
    auto text = trimmed(one.get<std::string>());
    note_unfit(name, text);
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

bool Fields::flag(const std::string& name, bool otherwise) {
  const auto* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) refuse(wrong_type(name, "true or false"));
  return value->is_boolean() ? value->get<bool>() : otherwise;
}

std::optional<casework::Date> Fields::date(const std::string& name) {
  if (find(name) == nullptr) return std::nullopt;
  const auto given = text(name);
  const auto date = parse_date(given);
  if (date) return *date;
  refuse({Reason::malformed, "\"" + name + "\" is no date: write it as 2026-05-06"});
  return std::nullopt;
}

std::optional<Instant> Fields::instant(const std::string& name) {
  if (find(name) == nullptr) return std::nullopt;
  const auto given = text(name);
  const auto at = parse_rfc3339(given);
  if (at) return *at;
  refuse({Reason::malformed, "\"" + name + "\" is no time: write it as 2026-05-06T10:00:00+01:00"});
  return std::nullopt;
}

std::string Fields::json(const std::string& name) {
  const auto* value = find(name);
  return value == nullptr ? "" : web::to_text(*value);
}

std::string Fields::json_or_text(const std::string& name) {
  const auto* value = find(name);
  if (value == nullptr) return "";
  if (!value->is_string()) return web::to_text(*value);
  note_unfit(name, value->get_ref<const std::string&>());
  return value->get<std::string>();
}

std::vector<std::string> Fields::objects(const std::string& name, std::size_t count_max) {
  std::vector<std::string> out;
  const auto* value = find(name);
  if (value == nullptr) return out;
  if (!value->is_array() || value->size() > count_max) {
    refuse(wrong_type(name, ("a list of at most " + std::to_string(count_max)).c_str()));
    return out;
  }
  for (const auto& one : *value)
    out.push_back(web::to_text(one));
  return out;
}

Result<void> Fields::finish() {
  for (const auto& [name, value] : object_->items()) {
    if (known_.count(name) != 0) continue;
    const std::vector<std::string_view> known(known_.begin(), known_.end());
    const auto near = casework::nearest(name, known);
    refuse({Reason::malformed,
            "there is no field \"" + casework::shorten(shown_safely(name)) + "\" here" +
                (near.empty() ? "" : "; the nearest is \"" + std::string(near) + "\"")});
  }
  if (wrong_) return fail(*wrong_);
  return {};
}

}  // namespace liaison::node
