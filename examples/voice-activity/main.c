/* Says when somebody speaks in a sound file:
 *
 *   voice-activity FILE.wav...      16-bit mono at 16000 or 8000 samples a
 * second
 *
 * The network looks at a frame of 32 ms at a time and remembers what it heard
 * in a state that it is given back with the next frame, as with a microphone.
 */
#include "vad16.h"
#include "vad8.h"

#include <stdio.h>
#include <string.h>

enum { kMostSamples = 576 }; /* a frame and the end of the one before */

/* What hears at one sample rate. The network was compiled once per length of
 * frames, with the sample rate left open: it is an input, as in ONNX. */
typedef struct listener {
  const cameo_model *model;
  int64_t rate;
  int past, samples; /* of a frame: from the one before, new */
  float input[kMostSamples];
  float state[2][2 * 128]; /* before and after a frame, in turn */
  int turn;
} listener;

static _Alignas(VAD16_ARENA_ALIGNMENT) unsigned char arena
    [VAD16_ARENA_BYTES > VAD8_ARENA_BYTES ? VAD16_ARENA_BYTES
                                          : VAD8_ARENA_BYTES];

/* The probability that the new samples in `input` are speech. */
static cameo_status hear(listener *l, float *probability) {
  cameo_context context;
  cameo_context_init(&context, arena, sizeof arena);
  /* In the order of the ONNX graph. The new state is not the old one's place:
   * the network reads the old one while it writes the new one. */
  cameo_tensor inputs[] = {
      {.data = l->input}, {.data = l->state[l->turn]}, {.data = &l->rate}};
  cameo_tensor outputs[] = {{.data = probability},
                            {.data = l->state[!l->turn]}};
  cameo_status status = l->model->run(&context, inputs, outputs);
  l->turn = !l->turn;
  /* The end of this frame is the beginning of the next. */
  memmove(l->input, l->input + l->samples, l->past * sizeof(float));
  return status;
}

/* Reads the header of a file whose samples begin at byte 44. */
static int open_sound(FILE *file, listener *l) {
  unsigned char h[44];
  if (fread(h, 1, sizeof h, file) != sizeof h || memcmp(h, "RIFF", 4) != 0 ||
      h[22] != 1 || h[34] != 16)
    return 0;
  *l = (listener){.rate = h[24] | h[25] << 8 | h[26] << 16};
  l->model = l->rate == 16000 ? vad16_model() : vad8_model();
  l->past = l->rate == 16000 ? 64 : 32;
  l->samples = l->rate == 16000 ? 512 : 256;
  return l->rate == 16000 || l->rate == 8000;
}

static int report(const char *name) {
  listener l;
  FILE *file = fopen(name, "rb");
  if (!file || !open_sound(file, &l)) {
    fprintf(stderr, "%s: no 16-bit mono sound of 16000 or 8000 Hz\n", name);
    return 1;
  }
  unsigned char bytes[2 * 512];
  double time = 0, since = -1;
  printf("%d Hz:", (int)l.rate);
  while (fread(bytes, 2, l.samples, file) == (size_t)l.samples) {
    for (int i = 0; i < l.samples; ++i)
      l.input[l.past + i] =
          (int16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8) / 32768.0f;
    float speech = 0;
    cameo_status status = hear(&l, &speech);
    if (status != CAMEO_OK) {
      fprintf(stderr, "%s: %s\n", name, cameo_status_message(status));
      return 1;
    }
    if (speech > 0.5f && since < 0)
      since = time;
    if (speech < 0.35f && since >= 0) {
      printf(" speech from %.1f to %.1f s", since, time);
      since = -1;
    }
    time += (double)l.samples / l.rate;
  }
  printf(since < 0 ? "\n" : " speech from %.1f s\n", since);
  fclose(file);
  return 0;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i)
    if (report(argv[i]) != 0)
      return 1;
  return argc < 2;
}
