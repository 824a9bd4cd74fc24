#include "casework/needs.h"

#include <algorithm>
#include <array>

namespace liaison::casework {
namespace {

constexpr std::array list{
    Need{"pain", "Health", false},
    Need{"long-term condition", "Health", false},
    Need{"low mood or anxiety", "Health", false},
    Need{"severe mental illness", "Health", false},
    Need{"stress", "Health", false},
    Need{"tiredness or sleep", "Health", false},
    Need{"alcohol", "Health", false},
    Need{"drugs", "Health", false},
    Need{"getting active", "Health", false},
    Need{"memory or concentration", "Health", false},
    Need{"sight", "Health", false},
    Need{"hearing", "Health", false},
    Need{"recovery after illness, injury or surgery", "Health", false},
    Need{"learning disability", "Disability", false},
    Need{"autism or ADHD", "Disability", false},
    Need{"brain injury", "Disability", false},
    Need{"mobility or hand use", "Disability", false},
    Need{"equipment", "Disability", false},
    Need{"confidence", "Confidence", false},
    Need{"a first step", "Confidence", false},
    Need{"loneliness", "Confidence", false},
    Need{"routine", "Confidence", false},
    Need{"bereavement or change", "Confidence", false},
    Need{"meeting others with similar experience", "Confidence", false},
    Need{"choosing work", "Finding work", false},
    Need{"CV and applications", "Finding work", false},
    Need{"interviews", "Finding work", false},
    Need{"vacancies", "Finding work", false},
    Need{"work trial", "Finding work", false},
    Need{"volunteering", "Finding work", false},
    Need{"self-employment", "Finding work", false},
    Need{"going back to my own job", "Finding work", false},
    Need{"talking to an employer about health", "In work", false},
    Need{"adjustments", "In work", false},
    Need{"permitted work", "In work", false},
    Need{"keeping a job", "In work", false},
    Need{"long-term supported job", "In work", false},
    Need{"being better off", "In work", false},
    Need{"fares and kit", "In work", false},
    Need{"reading and writing", "Learning", false},
    Need{"numbers", "Learning", false},
    Need{"computers", "Learning", false},
    Need{"English", "Learning", false},
    Need{"qualification", "Learning", false},
    Need{"residential training", "Learning", false},
    Need{"driving", "Learning", false},
    Need{"debt", "Money and home", false},
    Need{"benefits and appeals", "Money and home", false},
    Need{"budgeting", "Money and home", false},
    Need{"housing", "Money and home", false},
    Need{"food or fuel", "Money and home", false},
    Need{"legal advice", "Money and home", false},
    Need{"ID or bank account", "Money and home", false},
    Need{"childcare", "Family and safety", false},
    Need{"caring", "Family and safety", false},
    Need{"relationships", "Family and safety", false},
    Need{"abuse at home", "Family and safety", true},
    Need{"criminal record and work", "Family and safety", true},
    Need{"leaving care or forces", "Family and safety", false},
    Need{"transport", "Getting there", false},
    Need{"someone to come along", "Getting there", false},
    Need{"interpreter or advocate", "Getting there", false},
};

char plain(char c) {
  if (c == '_' || c == '-') return ' ';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::span<const Need> needs() {
  return list;
}

const Need* find_need(std::string_view name) {
  auto same = [&](const Need& need) {
    return std::ranges::equal(need.name, name, [](char a, char b) { return plain(a) == plain(b); });
  };
  const auto* at = std::ranges::find_if(list, same);
  return at == list.end() ? nullptr : at;
}

}  // namespace liaison::casework
