"""Which customers are probably one: normal forms, blocks, comparisons, weights of evidence, clusters.

Pure computations over `crmkit.CustomerProfile`: no database, no session. The functions take long for a large base; run
them in a job.
"""

from __future__ import annotations

from crmkit_quality.matching.blocking import blocking_keys
from crmkit_quality.matching.clustering import clusters
from crmkit_quality.matching.model import MatchingRules, Model
from crmkit_quality.matching.search import compare, compare_many, find_pairs, fit
from crmkit_quality.matching.values import AUTOMATIC, REVIEW, CandidatePair, Cluster, Evidence, Figures, Found

__all__ = [
    "AUTOMATIC",
    "REVIEW",
    "CandidatePair",
    "Cluster",
    "Evidence",
    "Figures",
    "Found",
    "MatchingRules",
    "Model",
    "blocking_keys",
    "clusters",
    "compare",
    "compare_many",
    "find_pairs",
    "fit",
]
