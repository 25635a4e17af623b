# What R's survey package does for the same: scores.R has written scores and linearised errors; here 1,000 replicates of the
# rescaling bootstrap (as.svrepdesign, type "subbootstrap", Rao and Wu) of all item means and the total, each township and group.
# Replicates are matrix products with the package's weights: withReplicates, which calls a function for each, takes a third longer.
suppressPackageStartupMessages(library(survey))
given <- commandArgs(trailingOnly = TRUE)
set.seed(1)
points <- c(satisfied = 5, basic = 3, unsatisfied = 0)
facts <- c("round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes")
for (path in setdiff(list.files(given[1], "[.]csv$", full.names = TRUE), file.path(given[1], "townships.csv"))) {
  rows <- read.csv(path, colClasses = "character", fileEncoding = "UTF-8-BOM")
  items <- setdiff(names(rows), facts)
  x <- matrix(unlist(lapply(rows[items], function(column) unname(points[column]))), nrow = nrow(rows))
  for (township in unique(rows$township_code)) {
    own <- rows$township_code == township
    judged <- !is.na(x[own, , drop = FALSE]) + 0
    gained <- ifelse(is.na(x[own, , drop = FALSE]), 0, x[own, , drop = FALSE])
    psu <- rows$psu_code[own]
    data <- data.frame(id = if (any(psu != "")) psu else as.character(seq_len(sum(own))), one = 1)
    design <- as.svrepdesign(svydesign(ids = ~id, weights = ~one, data = data), type = "subbootstrap", replicates = 1000)
    weights <- weights(design, type = "analysis")
    score <- crossprod(weights, gained) / crossprod(weights, judged)
    replicates <- cbind(score, rowMeans(score, na.rm = TRUE) * 20)
    found <- svrVar(replicates, design$scale, design$rscales, mse = design$mse, coef = colMeans(replicates))
    stopifnot(all(is.finite(found)))
  }
}
