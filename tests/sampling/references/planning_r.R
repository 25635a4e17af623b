# Standard errors, powers and differences by R's survey, pwr and stats packages; prints planning_r.json.
# Made with Debian 12: R 4.2.2, r-cran-survey 4.1-1, r-cran-pwr 1.3-0:  Rscript planning_r.R > planning_r.json
suppressMessages({library(survey); library(pwr)})
number <- function(x) sprintf("%.15g", x)
listed <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
cases <- character()
add <- function(kind, given, value) cases <<- c(cases, sprintf('  {"kind":"%s","given":%s,"value":%s}', kind, given, number(value)))

# Standard error of a mean and a share from a simple random sample, with and without a finite population.
scores <- list(c(12,35,60,44,71,80,33,90), c(55,60,72,81,49,66,70,77,90,63,58,84))
for (y in scores) for (N in c(Inf, 25, 400)) {
  d <- if (is.finite(N)) svydesign(id = ~1, data = data.frame(y = y, N = N), fpc = ~N) else suppressWarnings(svydesign(id = ~1, data = data.frame(y = y)))
  add("mean", listed(c(sd(y), length(y), if (is.finite(N)) N else 0)), SE(svymean(~y, d)))
}
# Kish's factor 1 + cv2 of unequal weights: variance of a weighted mean of independent values beside the plain one.
for (w in list(c(1,1,2), c(1,2,2,5,1.5,3,3,8), c(1,1,1,1))) add("weights", listed(w), length(w) * sum(w^2) / sum(w)^2)
# Two-sided normal test of a difference of d standard errors.
for (conf in c(0.9, 0.95, 0.99)) for (d in c(0.5, 1, 1.96, 2.8, 4))
  add("power", listed(c(d, conf)), pwr.norm.test(d = d, n = 1, sig.level = 1 - conf)$power)
# Quantiles.
for (p in c(0.6, 0.8, 0.9, 0.95, 0.975, 0.995, 0.9995)) add("quantile", listed(p), qnorm(p))
cat("[\n", paste(cases, collapse = ",\n"), "\n]\n", sep = "")
