# Powers and differences from the CRAN package pwr (Debian r-cran-pwr 1.3-0, R 4.2.2); writes planning_pwr.json's cases.
library(pwr)
options(digits = 17)
show <- function(...) cat(paste(sprintf("%.15g", c(...)), collapse = ","), "\n")
# Two scores with equal standard errors: a two-sided normal test of d standard errors of the difference.
for (d in c(0.5, 1, 1.96, 2.8, 4)) show(d, pwr.norm.test(d = d, n = 1, sig.level = 0.05)$power)
# The difference, in standard errors of the difference, found with a given power.
for (p in c(0.5, 0.8, 0.9, 0.95)) show(p, pwr.norm.test(n = 1, sig.level = 0.05, power = p)$d)
for (p in c(0.8, 0.9)) show(p, pwr.norm.test(n = 1, sig.level = 0.01, power = p)$d)
