# Standard errors by R's survey package on precision_case.csv; prints precision_r.json.
# Made with Debian 12: R 4.2.2, r-cran-survey 4.1-1:  Rscript precision_r.R > precision_r.json
suppressMessages(library(survey))
case <- read.csv("precision_case.csv", na.strings = "", stringsAsFactors = FALSE)
items <- c("R01", "R02", "R03", "R04")
points <- c(satisfied = 5, basic = 3, unsatisfied = 0)
for (i in items) {
  x <- unname(points[case[[i]]])
  case[[paste0("m", i)]] <- as.numeric(!is.na(x))
  case[[paste0("s", i)]] <- ifelse(is.na(x), 0, x)
}
case$id <- seq_len(nrow(case))
case$psu <- ifelse(is.na(case$psu), "", case$psu)
certain <- !is.na(case$pi_1) & case$pi_1 >= 1
onestage <- is.na(case$pi_1)
units <- certain | onestage                      # respondents are the clusters
case$stratum <- ifelse(certain, paste(case$township, case$psu), paste(case$township, "rest"))
case$cluster <- ifelse(units, paste("unit", case$id), paste(case$township, case$psu))
answered <- ave(case$id, case$township, case$psu, FUN = length)
case$f1 <- ifelse(units, answered / case$listed, case$pi_1)
case$f2 <- ifelse(units, 1, answered / case$listed)
n <- function(x) sprintf("%.15g", x)
arr <- function(x) paste0("[", paste(ifelse(is.finite(x), n(x), "null"), collapse = ","), "]")
out <- character()
add <- function(name, value) out <<- c(out, sprintf('  "%s": %s', name, arr(value)))

sums <- as.formula(paste("~", paste(c(paste0("s", items), paste0("m", items)), collapse = "+")))
total <- parse(text = paste("5*(", paste0("s", items, "/m", items, collapse = "+"), ")"))[[1]]
# Item scores by svyratio, each on its own; the total once by svycontrast on totals, once on svyratio's covariance.
linear <- function(d) {
  se <- sapply(items, function(i) SE(svyratio(as.formula(paste0("~s", i)), as.formula(paste0("~m", i)), d)))
  c(se, SE(svycontrast(svytotal(sums, d), total)))
}
by_covariance <- function(d) {
  num <- as.formula(paste("~", paste0("s", items, collapse = "+"))); den <- as.formula(paste("~", paste0("m", items, collapse = "+")))
  V <- vcov(svyratio(num, den, d, covmat = TRUE))
  pick <- sapply(seq_along(items), function(k) (k - 1) * length(items) + k)  # numerator k over denominator k
  5 * sqrt(sum(V[pick, pick]))
}
jackknife <- function(d) {
  r <- as.svrepdesign(d, type = "JKn", mse = TRUE)
  se <- sapply(items, function(i) SE(svyratio(as.formula(paste0("~s", i)), as.formula(paste0("~m", i)), r)))
  c(se, SE(withReplicates(r, function(w, x) 5 * sum(sapply(items, function(i) sum(w * x[[paste0("s", i)]]) / sum(w * x[[paste0("m", i)]]))))))
}
bootstrap <- function(d) {
  set.seed(1)
  r <- as.svrepdesign(d, type = "subbootstrap", replicates = 4000)
  c(sapply(items, function(i) SE(svyratio(as.formula(paste0("~s", i)), as.formula(paste0("~m", i)), r))),
    SE(withReplicates(r, function(w, x) 5 * sum(sapply(items, function(i) sum(w * x[[paste0("s", i)]]) / sum(w * x[[paste0("m", i)]]))))))
}
design <- function(t, fpc) {
  x <- case[case$township == t, ]; x$one <- 1
  if (fpc && t == 1) return(svydesign(ids = ~cluster, strata = ~stratum, weights = ~one, fpc = ~f1, data = x))
  if (fpc) return(svydesign(ids = ~cluster + id, strata = ~stratum, weights = ~one, fpc = ~f1 + f2, data = x, pps = "brewer"))
  suppressWarnings(svydesign(ids = ~cluster, strata = ~stratum, weights = ~one, data = x, nest = TRUE))
}
for (t in 1:4) for (fpc in c(TRUE, FALSE)) {
  d <- design(t, fpc)
  tag <- paste0("township_", t, if (fpc) "_fpc" else "")
  policies <- if (t == 4) c("remove", "certainty", "adjust", "average") else "fail"
  for (policy in policies) {
    options(survey.lonely.psu = policy)
    add(paste0("linearised_", tag, "_", policy), linear(d))
  }
  options(survey.lonely.psu = "remove")
  add(paste0("covariance_", tag), by_covariance(d))
  add(paste0("degf_", tag), degf(d))
  if (!fpc || t == 1) add(paste0("jackknife_", tag), jackknife(d))
  if (!fpc && t != 4) add(paste0("bootstrap_", tag), bootstrap(d))
  # Degrees of freedom of an item: of the design restricted to those who judged it.
  add(paste0("degf_items_", tag), sapply(items, function(i) degf(d[d$variables[[paste0("m", i)]] == 1, ])))
}
# Weighted (Hajek) item scores, and the design effect of a mean that all judged (points with don't-knows as 0).
add("weighted_items", sapply(1:4, function(t) sapply(items, function(i) {
  x <- case[case$township == t, ]; sum(x$weight * x[[paste0("s", i)]]) / sum(x$weight * x[[paste0("m", i)]]) })))
write(paste0("{\n", paste(out, collapse = ",\n"), "\n}"), stdout())
