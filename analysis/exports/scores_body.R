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
