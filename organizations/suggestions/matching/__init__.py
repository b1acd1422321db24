"""Which organization a tenant belongs to: scored candidates that explain themselves.

How a score comes about:

1. Both sides are read once (`profiles`): names into telling words, loose words ("group") and legal
   forms (`names`), domains into what somebody registered, the prefix of onmicrosoft.com without
   "365" and the like (`addresses`), registration numbers into one spelling (`numbers`).
2. A few candidates are brought up by what they share: numbers, domains, spellings, rare words,
   triples of letters (`index`).
3. With each of them the evidence is weighed (`evidence`, `alike`): an earlier link, registration
   number, domains, mail, initial domain, names, country. A word is telling by how few organizations
   have it; what only one of the names has speaks against the match, a place or a division in it
   most. A domain of free mail, or one that several organizations share, says little or nothing.
4. The weights (`weights`, set from data by ``python -m tools.matching``) are added up. With s the
   sum of an organization, its score is exp(s) / (1 + the exp(s) of all candidates): the chance that
   it is the owner, where the 1 stands for "nobody in the list". So two that fit equally well share
   the chance, and neither gets far.
5. The best is *certain* from the score on at which the data was right often enough, unless
   something a person should judge stands against it (`evidence.is_doubtful`); then, or below, it
   is *likely* when it is more probable than everything else together. All else is *possible*.

Nothing here reads a database or a clock: the same facts give the same matches, in whatever order
the organizations come.
"""

from organizations.suggestions.matching.facts import (
    Level,
    Match,
    OrganizationFacts,
    Reason,
    TenantFacts,
)
from organizations.suggestions.matching.matcher import Matcher

__all__ = ["Level", "Match", "Matcher", "OrganizationFacts", "Reason", "TenantFacts"]
