/* Prints the text in an image:
 *
 *   read-text CHARACTERS IMAGE.ppm...
 *
 * One network marks the pixels of lines of text, another one reads a line.
 * Both are compiled once, for images and lines of any size up to a bound.
 */
#include "detect.h"
#include "image.h"
#include "recognise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  kMost = 640,        /* pixels on a side; CMakeLists.txt says the same */
  kStep = 32,         /* the first network halves an image five times */
  kLine = 48,         /* rows of a line for the second network */
  kCharacters = 6625, /* that it tells apart; number 0 is none */
};

static _Alignas(DETECT_ARENA_ALIGNMENT) unsigned char arena
    [DETECT_ARENA_BYTES > RECOGNISE_ARENA_BYTES ? DETECT_ARENA_BYTES
                                                : RECOGNISE_ARENA_BYTES];
static float pixels[3 * kMost * kMost]; /* what a network sees */
static float marks[kMost * kMost];      /* how likely a pixel is in a line */
static float scores[RECOGNISE_OUTPUT_0_BYTES / sizeof(float)];
static char *characters[kCharacters];

/* The characters that the second network knows, one a line. The last one,
 * which is not in the file, is the space. */
static int read_characters(const char *name) {
  FILE *file = fopen(name, "rb");
  char line[16];
  int count = 1;
  while (file && count < kCharacters - 1 && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\r\n")] = 0;
    characters[count] = malloc(strlen(line) + 1);
    strcpy(characters[count++], line);
  }
  if (file)
    fclose(file);
  characters[kCharacters - 1] = " ";
  return count == kCharacters - 1;
}

static int failed(const char *what, cameo_status status) {
  if (status != CAMEO_OK)
    fprintf(stderr, "%s: %s\n", what, cameo_status_message(status));
  return status != CAMEO_OK;
}

/* Marks the pixels of lines in `marks`, `width` of them in a row. */
static int detect(const image *page, int *height, int *width) {
  *height = (page->height + kStep - 1) / kStep * kStep;
  *width = (page->width + kStep - 1) / kStep * kStep;
  image_resize(page, (box){0, 0, *width, *height}, *width, *height, pixels);
  cameo_context context;
  cameo_context_init(&context, arena, sizeof arena);
  int64_t shape[] = {1, 3, *height, *width};
  detect_inputs inputs = {.x = pixels, .x_shape = shape};
  detect_outputs outputs = {.sigmoid_0_tmp_0 = marks};
  return !failed("detect", detect_run(&context, &inputs, &outputs));
}

/* Prints what stands in a box: at every step along the line the network says a
 * character, or none, and says one again while it is still at it. */
static int recognise(const image *page, box line) {
  int width = (line.right - line.left) * kLine / (line.bottom - line.top);
  width = width < kLine ? kLine : width > kMost ? kMost : width;
  image_resize(page, line, width, kLine, pixels);
  cameo_context context;
  cameo_context_init(&context, arena, sizeof arena);
  int64_t shape[] = {1, 3, kLine, width}, steps[3];
  recognise_inputs inputs = {.x = pixels, .x_shape = shape};
  recognise_outputs outputs = {.softmax_11_tmp_0 = scores,
                               .softmax_11_tmp_0_shape = steps};
  if (failed("recognise", recognise_run(&context, &inputs, &outputs)))
    return 0;
  for (int64_t step = 0, before = 0; step < steps[1]; ++step) {
    const float *score = scores + step * kCharacters;
    int64_t best = 0;
    for (int64_t i = 1; i < kCharacters; ++i)
      if (score[i] > score[best])
        best = i;
    if (best != 0 && best != before)
      fputs(characters[best], stdout);
    before = best;
  }
  putchar('\n');
  return 1;
}

/* Reads the lines of an image from top to bottom. */
static int read_page(const char *name) {
  image page;
  int height, width;
  if (!image_read(name, &page) || page.height > kMost || page.width > kMost) {
    fprintf(stderr, "%s: no PPM image of up to %d x %d pixels\n", name, kMost,
            kMost);
    return 0;
  }
  int ok = detect(&page, &height, &width);
  box line;
  for (int at = 0; ok && image_next_box(marks, height, width, &at, &line);)
    if (line.bottom - line.top >= 8)
      ok = recognise(&page, line);
  free(page.bytes);
  return ok;
}

int main(int argc, char **argv) {
  if (argc < 3 || !read_characters(argv[1])) {
    fprintf(stderr, "usage: read-text CHARACTERS IMAGE.ppm...\n");
    return 1;
  }
  for (int i = 2; i < argc; ++i)
    if (!read_page(argv[i]))
      return 1;
  return 0;
}
