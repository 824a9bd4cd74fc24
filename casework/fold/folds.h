#pragma once

#include "casework/case_file.h"

/// The folds of each kind of strand, in the order in which CaseFile::fold() calls them.
namespace liaison::casework::fold {

void fold_core(const CaseFile& file, CaseView& view);
void fold_own(const CaseFile& file, CaseView& view);
void fold_referral(const CaseFile& file, const wire::StrandRef& strand, CaseView& view);

/// Who decides a referral's strand by its `requested`: the provider, or the office itself for one
/// off the exchange. Nobody by another event.
NodeId named_decider(const wire::Event& request);

}  // namespace liaison::casework::fold
