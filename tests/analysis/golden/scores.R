# Recompute the scores of a round from its responses folder, with R's survey package.
#   Rscript scores.R RESPONSES_FOLDER OUT_FOLDER
#
# Round: 2026-end
# Scheme: County plan (county, version 1)
# What it says: Four groups of respondents in each township: 30 delegates and members, 10 enterprise operators, 20 urban and 50 rural households. Satisfied scores 5, basically satisfied 3, unsatisfied 0, not familiar the item's mean; each group total is brought to a full mark of 100, and the public appraisal is the arithmetic mean of the group totals.
# SHA-256 of the scheme: caa6ba71fd163a5c48c061496b7c73317452691769ee431a7e4f3c699536005d
# Engine: pingyi (golden)
# Reading Q1 unknown_scores: what a don't-know scores: the mean of the item in the township's own group (own_township)
# Reading Q2 unknown_counts: whether a don't-know is in the number who answered: counted (counted)
# Reading Q3 skipped: what a skipped item is: not counted, reported apart (not_counted)
# Reading Q4 nobody_could_judge: an item that nobody could judge: the county's mean of it; dropped if there is none (county_mean)
# Reading Q5 denominator: what points are divided by: the number who answered (answered)
# Reading Q6 group_weights: how groups are averaged: each group counts the same (equal)
# Reading Q7 group_total: the group total: the sum of item scores, brought to the full mark (scaled)
# Reading — missing_group: a township without one of the groups: the mean of the groups it has, flagged (mean_of_present)
# Reading Q17 ties: ties: competition ranking (1, 2, 2, 4) (competition)
# Group delegates: Delegates and members
# Group enterprise: Enterprise operators
# Group urban: Urban residents
# Group rural: Rural residents
# SHA-256 of delegates.csv: c2fa0359a717dd69d325ca0c94425e7a6a22a3918f1a6be189d9cc0532fbc430
# SHA-256 of enterprise.csv: 75a921b78abaa9272ca028b2c56e0884ce2a26e937d7dd7f4612a83d6e994d6f
# SHA-256 of rural.csv: 4d47cb7550159792f00be6bd9bed1eee81daf431718232d07b71e18781883ad9
# SHA-256 of urban.csv: 18f7b855d3984a6bf9ad4b5af932b64d62eba492fd3ece205dc5f8974518297a

points <- c(satisfied = 5, basic = 3, unsatisfied = 0)
full_mark <- 100
groups <- c("delegates", "enterprise", "urban", "rural")
items <- list(
  delegates = c("D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D11", "D12", "D13", "D14", "D15", "D16", "D17", "D18", "D19", "D20"),
  enterprise = c("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E11", "E12", "E13", "E14", "E15", "E16", "E17", "E18", "E19", "E20"),
  urban = c("U01", "U02", "U03", "U04", "U05", "U06", "U07", "U08", "U09", "U10", "U11", "U12", "U13", "U14", "U15", "U16", "U17", "U18", "U19", "U20"),
  rural = c("R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17", "R18", "R19", "R20")
)
readings_are_default <- TRUE

suppressPackageStartupMessages(library(survey))
options(digits = 17, survey.lonely.psu = "adjust", stringsAsFactors = FALSE)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given) >= 1) given[1] else "responses"
out <- if (length(given) >= 2) given[2] else "."
if (!dir.exists(out)) dir.create(out, recursive = TRUE)
if (!readings_are_default) {
  message("The official scores use other readings of the rules; this script recomputes under the default ones.")
}

# Files begin with a byte order mark; codes stay texts; an empty cell is a skipped item.
read_table <- function(name) {
  path <- file.path(folder, name)
  if (!file.exists(path)) return(NULL)
  table <- read.csv(path, colClasses = "character", na.strings = character(0), check.names = FALSE,
                    fileEncoding = "UTF-8-BOM", encoding = "UTF-8")
  table
}
townships <- read_table("townships.csv")
samples <- read_table("samples.csv")
answers <- lapply(setNames(groups, groups), function(group) read_table(paste0(group, ".csv")))

# What samples.csv says of a PSU; a joined one carries its parts' codes with + between.
figures_of <- function(township, group, psu) {
  none <- list(expected = NA_real_, listed = NA_real_, certain = FALSE, repeated = FALSE)
  if (is.null(samples)) return(none)
  own <- samples[samples$township_code == township & samples$group == group, ]
  codes <- if (psu %in% own$psu_code) psu else strsplit(psu, "+", fixed = TRUE)[[1]]
  rows <- own[match(codes, own$psu_code), ]
  pi_1 <- as.numeric(rows$pi_1)
  listed <- as.numeric(ifelse(rows$listed == "", rows$size, rows$listed))
  hits <- as.numeric(rows$hits)
  list(expected = mean(pi_1), listed = sum(listed), certain = all(!is.na(pi_1) & pi_1 >= 1),
       repeated = any(!is.na(pi_1) & !is.na(hits) & hits > ceiling(pi_1)))
}

# Points of each answer; NA where nobody judged: a don't-know at the item's mean changes nothing.
points_of <- function(rows, group) {
  columns <- lapply(items[[group]], function(item) unname(points[rows[[item]]]))
  matrix(unlist(columns), nrow = nrow(rows))
}

# The design of one township's rows of a group: strata, clusters, sampling fractions.
design_of <- function(rows, township, group, z) {
  psus <- unique(rows$psu_code)
  staged <- any(rows$psu_code != "")
  single <- staged && length(psus) == 1
  data <- data.frame(z, id = seq_len(nrow(rows)))
  data$stratum <- "psus"; data$cluster <- match(rows$psu_code, psus); data$f1 <- 0; data$f2 <- 0
  clustered <- logical(0); fraction <- within <- setNames(numeric(length(psus)), psus); repeated <- FALSE
  for (psu in psus) {
    own <- rows$psu_code == psu
    known <- figures_of(township, group, psu)
    within[psu == psus] <- if (is.na(known$listed) || sum(own) > known$listed) NA else sum(own) / known$listed
    by_units <- !staged || single || known$certain
    clustered[psu == psus] <- !by_units
    inclusion <- if (staged) min(known$expected, 1) else 1
    fraction[psu == psus] <- if (by_units) within[psu == psus] * inclusion else inclusion
    if (by_units) {
      data$stratum[own] <- paste("psu", psu)
      data$cluster[own] <- length(psus) + which(own)
    } else repeated <- repeated || known$repeated
  }
  bad <- any(clustered & is.na(fraction[seq_along(psus)])) || repeated
  for (k in seq_along(psus)) {
    own <- rows$psu_code == psus[k]
    f <- if (is.na(fraction[k]) || (clustered[k] && bad)) 0 else min(fraction[k], 1)
    data$f1[own] <- f
    data$f2[own] <- if (clustered[k] && !bad && !is.na(within[k])) min(within[k], 1) else 0
  }
  data
}

# Variance of the sum of linearised values, stratum by stratum. PSUs drawn with unequal probabilities take Brewer's
# approximation; a stratum with a single PSU adds its distance from the mean of the group, which is zero; where everyone
# listed answered there is no sampling error. R reads an fpc of 1 as a population of one, so fractions stay below it.
variance_of <- function(data, columns) {
  parts <- lapply(split(data, data$stratum), function(part) stratum_variance(part, columns))
  diag(Reduce(`+`, parts))
}
stratum_variance <- function(part, columns) {
  formula <- reformulate(columns)
  part$one <- 1
  staged <- part$stratum[1] == "psus"
  if (!staged && all(part$f1 == 1)) return(matrix(0, length(columns), length(columns)))
  part$f1 <- pmin(part$f1, 1 - 1e-15); part$f2 <- pmin(part$f2, 1 - 1e-15)
  if (length(unique(part$cluster)) == 1) {
    z <- colSums(part[columns])
    first <- outer(z, z) * (1 - part$f1[1])
    if (!staged || part$f1[1] == 0 || nrow(part) == 1) return(first)
    design <- svydesign(ids = ~id, fpc = ~f2, weights = ~one, data = part)
    return(first + part$f1[1] * as.matrix(vcov(svytotal(formula, design))))
  }
  if (all(part$f1 == 0)) {
    design <- svydesign(ids = ~cluster, weights = ~one, data = part)
  } else if (staged) {
    design <- svydesign(ids = ~cluster + id, fpc = ~f1 + f2, weights = ~one, data = part, pps = "brewer")
  } else {
    design <- svydesign(ids = ~cluster, fpc = ~f1, weights = ~one, data = part)
  }
  as.matrix(vcov(svytotal(formula, design)))
}

# A single cluster says nothing of the spread, unless it is all there is: no error then, as the program has none.
not_estimable <- function(data, judging) {
  degrees <- apply(judging, 2, function(own) {
    sum(tapply(data$cluster[own], data$stratum[own], function(clusters) length(unique(clusters)) - 1))
  })
  degrees == 0 & colSums(judging) > 0 & !all(data$f1 == 1)
}

score_group <- function(group) {
  rows <- answers[[group]]
  x <- points_of(rows, group)
  county <- colMeans(x, na.rm = TRUE)
  do.call(rbind, lapply(sort(unique(rows$township_code)), function(township) {
    own <- rows$township_code == township
    values <- x[own, , drop = FALSE]
    judged <- colSums(!is.na(values))
    score <- ifelse(judged > 0, colSums(values, na.rm = TRUE) / judged, county)
    kept <- !is.na(score)
    scale <- full_mark / (max(points) * sum(kept))
    z <- sweep(values, 2, score); z[is.na(z)] <- 0
    z <- sweep(z, 2, pmax(judged, 1), "/")
    colnames(z) <- paste0("z", seq_len(ncol(z)))
    z <- cbind(z, total = rowSums(z) * scale)
    data <- design_of(rows[own, ], township, group, z)
    se <- sqrt(variance_of(data, colnames(z)))
    se[c(!kept, FALSE) | not_estimable(data, cbind(!is.na(values), rowSums(!is.na(values)) > 0))] <- NA
    # An item that took the county's mean leaves the errors of its group to the program.
    if (any(judged == 0 & kept)) se[c(which(judged == 0), length(se))] <- NA
    data.frame(township_code = township, group = group, item = c(items[[group]], ""),
               figure = c(score, sum(score[kept]) * scale), se = se)
  }))
}

scored <- do.call(rbind, lapply(groups, score_group))
item_table <- scored[scored$item != "", ]; names(item_table)[4] <- "score"
group_table <- scored[scored$item == "", -3]; names(group_table)[3] <- "total"
appraisal <- sapply(townships$township_code, function(code) mean(group_table$total[group_table$township_code == code]))
error <- sapply(townships$township_code, function(code) {
  own <- group_table$se[group_table$township_code == code]
  sqrt(sum(own^2)) / length(own)
})
township_table <- data.frame(township_code = townships$township_code, public_appraisal = unname(appraisal),
                             se = unname(error))
ordered <- round(township_table$public_appraisal, 9)
township_table$rank <- sapply(ordered, function(own) sum(ordered > own, na.rm = TRUE) + 1)
township_table$rank[is.na(township_table$public_appraisal)] <- NA

write_table <- function(table, name) {
  for (column in names(table)) if (is.double(table[[column]])) table[[column]] <- sprintf("%.17g", table[[column]])
  write.csv(table, file.path(out, name), row.names = FALSE, quote = FALSE)
}
write_table(item_table, "items_r.csv")
write_table(group_table, "groups_r.csv")
write_table(township_table, "townships_r.csv")
