#include "image.h"

#include <stdio.h>
#include <stdlib.h>

int image_read(const char *name, image *result) {
  FILE *file = fopen(name, "rb");
  int most = 0, ok = 0;
  if (file &&
      fscanf(file, "P6 %d %d %d", &result->width, &result->height, &most) ==
          3 &&
      most == 255 && result->width > 0 && result->height > 0 &&
      result->width < 32768 && result->height < 32768) {
    fgetc(file); /* the space before the pixels */
    size_t size = (size_t)3 * result->width * result->height;
    result->bytes = malloc(size);
    ok = result->bytes && fread(result->bytes, 1, size, file) == size;
    if (!ok)
      free(result->bytes);
  }
  if (file)
    fclose(file);
  return ok;
}

static float get(const image *from, int x, int y, int channel) {
  if (x < 0 || y < 0 || x >= from->width || y >= from->height)
    return 255;
  return from->bytes[3 * (y * from->width + x) + channel];
}

void image_resize(const image *from, box part, int width, int height,
                  float *planes) {
  float stepX = (float)(part.right - part.left) / width;
  float stepY = (float)(part.bottom - part.top) / height;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < height; ++i)
      for (int j = 0; j < width; ++j) {
        /* Between the four pixels around the middle of the new one. */
        float y = part.top + (i + 0.5f) * stepY + 0.5f;
        float x = part.left + (j + 0.5f) * stepX + 0.5f;
        int y0 = (int)y - 1, x0 = (int)x - 1; /* from -1 on */
        float dy = y - 1 - y0, dx = x - 1 - x0;
        float above = get(from, x0, y0, 2 - c) * (1 - dx) +
                      get(from, x0 + 1, y0, 2 - c) * dx;
        float below = get(from, x0, y0 + 1, 2 - c) * (1 - dx) +
                      get(from, x0 + 1, y0 + 1, 2 - c) * dx;
        *planes++ = (above * (1 - dy) + below * dy) / 127.5f - 1;
      }
}

/* The box around the pixels that touch pixel `from`, which are wiped out. */
static box take(float *marks, int height, int width, int from) {
  box found = {width, height, 0, 0};
  int *stack = malloc(sizeof(int) * (4 * (size_t)height * width + 1));
  int count = 0;
  stack[count++] = from;
  while (count > 0) {
    int at = stack[--count], x = at % width, y = at / width;
    if (marks[at] <= 0.3f)
      continue;
    marks[at] = 0;
    found.left = x < found.left ? x : found.left;
    found.top = y < found.top ? y : found.top;
    found.right = x >= found.right ? x + 1 : found.right;
    found.bottom = y >= found.bottom ? y + 1 : found.bottom;
    if (x > 0)
      stack[count++] = at - 1;
    if (x < width - 1)
      stack[count++] = at + 1;
    if (y > 0)
      stack[count++] = at - width;
    if (y < height - 1)
      stack[count++] = at + width;
  }
  free(stack);
  return found;
}

int image_next_box(float *marks, int height, int width, int *at, box *result) {
  while (*at < height * width && marks[*at] <= 0.3f)
    ++*at;
  if (*at == height * width)
    return 0;
  box found = take(marks, height, width, *at);
  int w = found.right - found.left, h = found.bottom - found.top;
  int more = 3 * w * h / (4 * (w + h)) + 1;
  found.left = found.left > more ? found.left - more : 0;
  found.top = found.top > more ? found.top - more : 0;
  found.right += more;
  found.bottom += more;
  *result = found;
  return 1;
}
