# Writes sampling_references.json beside this file: what R's package "sampling" gives.
# Run: Rscript make_sampling_references.R   (from this folder)

library(sampling)

number <- function(x) sprintf("%.17g", x)
vector_json <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
matrix_json <- function(x) paste0("[", paste(apply(x, 1, vector_json), collapse = ", "), "]")
object_json <- function(...) {
  members <- list(...)
  paste0("{", paste0("\"", names(members), "\": ", unlist(members), collapse = ", "), "}")
}

# sizes and n; in the first list no cluster is as large as the interval
moderate <- list(
  list(sizes = c(67, 54, 41, 78, 65, 52, 39), n = 5),
  list(sizes = c(12, 7, 30, 5, 18, 9, 26, 14), n = 3),
  list(sizes = c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), n = 4),
  list(sizes = rep(1, 9), n = 4),
  list(sizes = c(311, 204, 97, 150, 420, 333, 78, 512, 260, 199, 145, 61), n = 2)
)
large <- list(
  list(sizes = c(50, 20, 10, 10, 10), n = 3),
  list(sizes = c(50, 25, 10, 10, 5), n = 3),
  list(sizes = c(1000, 300, 90, 27, 8, 2, 1), n = 4),
  list(sizes = c(5, 0, 9, 0, 4, 40), n = 2)
)

inclusion <- function(case) {
  pik <- inclusionprobabilities(case$sizes, case$n)
  object_json(sizes = vector_json(case$sizes), n = case$n, pi = vector_json(pik))
}

systematic <- function(case) {
  pik <- inclusionprobabilities(case$sizes, case$n)
  draws <- sapply(1:20, function(seed) {
    set.seed(seed)
    u <- runif(1) # the number that UPsystematic reads next, once the seed is set again
    set.seed(seed)
    object_json(start = number(u), sample = vector_json(UPsystematic(pik)))
  })
  object_json(sizes = vector_json(case$sizes), n = case$n, draws = paste0("[", paste(draws, collapse = ", "), "]"))
}

joint <- function(compute) function(case) {
  pik <- inclusionprobabilities(case$sizes, case$n)
  object_json(sizes = vector_json(case$sizes), n = case$n, pi2 = matrix_json(compute(pik)))
}

lines <- function(cases, write) paste0("[\n  ", paste(sapply(cases, write), collapse = ",\n  "), "\n ]")
text <- paste0(
  "{\n \"R\": \"", R.version.string, "\",\n \"sampling\": \"", packageVersion("sampling"), "\",\n",
  " \"inclusionprobabilities\": ", lines(c(moderate, large), inclusion), ",\n",
  " \"UPsystematic\": ", lines(moderate, systematic), ",\n",
  " \"UPsystematicpi2\": ", lines(moderate, joint(UPsystematicpi2)), ",\n",
  " \"UPsampfordpi2\": ", lines(moderate, joint(UPsampfordpi2)), "\n}\n"
)
cat(text, file = "sampling_references.json")
