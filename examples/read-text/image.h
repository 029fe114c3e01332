/* Images, and boxes in them: what a program around networks needs anyway. */
#ifndef READ_TEXT_IMAGE_H
#define READ_TEXT_IMAGE_H

typedef struct image {
  int width, height;
  unsigned char *bytes; /* red, green and blue by pixel; free() them */
} image;

/* From the pixel left, top up to, and without, right, bottom. */
typedef struct box {
  int left, top, right, bottom;
} box;

/* Reads a PPM file of the binary kind (P6). Returns 0 when it is none. */
int image_read(const char *name, image *result);

/* A part of an image, in planes of blue, green and red from -1 to 1, with
 * `width` x `height` pixels. What is outside of the image is white. */
void image_resize(const image *from, box part, int width, int height,
                  float *planes);

/* The next box around pixels that touch and whose mark is above a threshold,
 * from pixel number *at on; wipes them out. The marks are of the middle of a
 * line, so the box is larger. Returns 0 when there is none. */
int image_next_box(float *marks, int height, int width, int *at, box *result);

#endif
