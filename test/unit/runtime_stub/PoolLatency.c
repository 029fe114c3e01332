/* Prints the latency of an empty fork and join: with workers that still spin
 * (hot), and with workers that sleep (parked). Usage: pool-latency [THREADS] */
#define _GNU_SOURCE
#include "cameo/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec * 1e-3;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void nothing(void *closure, int64_t index) {
  (void)closure, (void)index;
}

/* Median and least time of `runs` calls, each after `pause_us`. */
static void measure(cameo_pool *pool, int threads, int runs, long pause_us,
                    const char *what) {
  double *times = malloc(sizeof(double) * runs);
  for (int i = 0; times && i < runs; ++i) {
    struct timespec pause = {0, pause_us * 1000};
    if (pause_us)
      nanosleep(&pause, NULL);
    double before = now_us();
    cameo_pool_parallel_for(pool, nothing, NULL, threads);
    times[i] = now_us() - before;
  }
  if (!times)
    return;
  qsort(times, runs, sizeof(double), ascending);
  printf("%-7s %d threads: min %.2f us, median %.2f us, p90 %.2f us\n", what,
         threads, times[0], times[runs / 2], times[runs * 9 / 10]);
  free(times);
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  cameo_pool *pool = cameo_pool_create(threads);
  if (!pool)
    return 1;
  measure(pool, threads, 100000, 0, "hot");
  measure(pool, threads, 1000, 2000, "parked");
  cameo_pool_destroy(pool);
  return 0;
}
