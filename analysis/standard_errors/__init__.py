"""
Standard errors and intervals of the scores, from the design of the sample.

options          Options: method, corrections, policy for a single PSU, confidence, seed
sample_figures   what samples.csv says of each PSU, joined ones too
group_design     GroupDesign: strata, clusters and corrections of one group's rows
coded            CodedAnswers: the answers as small numbers, in the design's order
item_sums        sums over respondents, and the scores that follow from them
linear_values    each respondent's part in the error of each score
linearised       variance by linearisation               successive    … by successive differences
replication      the statistic on re-weighted clusters
jackknife        … leaving out a cluster at a time       bootstrap     … by the rescaling bootstrap
linearised_bootstrap  … of linearised values, for many townships at once
methods          METHODS: one table of them
degrees          degrees of freedom, t intervals
county_part      what other townships' answers add, where a score uses the county's mean
group_errors     one group: variances, degrees of freedom, weighted scores
estimates        all groups and townships, as tables
results          Precision                               sentences     the notes that go with it
precision        precision: the function to call
"""
