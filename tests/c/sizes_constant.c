// The macros where size_t ends: compiled only, for 64 and for 32 bits. The expected numbers are
// those of the drawing at state_bytes(): 64 bytes, then 4 for each element of each slot.
#include <headroom/c/sizes.h>

#define CONCATENATE(a, b) a##b
#define NAME(line) CONCATENATE(check_at_line_, line)
#define STATIC_CHECK(condition) typedef char NAME(__LINE__)[(condition) ? 1 : -1]
#define IF_IT_FITS(bytes) ((bytes) <= SIZE_MAX ? (bytes) : 0)

// 8 heads, 64 + 64 elements: 4096 bytes a token. 2^20 tokens are 2^32 bytes and the header.
STATIC_CHECK(HR_STATE_BYTES(8, 64, 64, 1) == 64 + 16 * 4096);
STATIC_CHECK(HR_STATE_BYTES(8, 64, 64, 1048560) == 64 + 1048560 * 4096ULL);
STATIC_CHECK(HR_STATE_BYTES(8, 64, 64, 1048561) == IF_IT_FITS(64 + 1048576 * 4096ULL));
STATIC_CHECK(HR_STATE_BYTES(4096, 65536, 65536, 1099511627776) == 0);
STATIC_CHECK(HR_STATE_BYTES(1, 1, 1, 1099511627777) == 0);
STATIC_CHECK(HR_STATE_BYTES(1, 1, 1, 9223372036854775807) == 0);
STATIC_CHECK(HR_STATE_BYTES(2147483647, 2147483647, 2147483647, 1) == 0);
STATIC_CHECK(HR_STATE_BYTES(0, 8, 8, 1) == 0 && HR_STATE_BYTES(1, 0, 8, 1) == 0);
STATIC_CHECK(HR_STATE_BYTES(1, 8, 0, 1) == 0 && HR_STATE_BYTES(1, 8, 8, 0) == 0);
STATIC_CHECK(HR_STATE_BYTES(-1, 8, 8, 1) == 0 && HR_STATE_BYTES(1, 8, 8, -16) == 0);

// A window of 9 and 3 queries lie in 11 tokens, which touch 2 panels; 17 sinks take 2 more.
STATIC_CHECK(HR_RING_STATE_BYTES(2, 6, 5, 3, 9, 0) == 64 + 2 * 2 * 16 * 44);
STATIC_CHECK(HR_RING_STATE_BYTES(2, 6, 5, 3, 9, 17) == 64 + 2 * 4 * 16 * 44);
STATIC_CHECK(HR_RING_STATE_BYTES(8, 64, 64, 1, 1048528, 0) ==
             IF_IT_FITS(64 + (1048528 / 16 + 1) * 16 * 4096ULL));
STATIC_CHECK(HR_RING_STATE_BYTES(2, 6, 5, 0, 9, 0) == 0 &&
             HR_RING_STATE_BYTES(2, 6, 5, 1, 0, 0) == 0);
STATIC_CHECK(HR_RING_STATE_BYTES(2, 6, 5, 1, 9, -1) == 0);

// The largest layer there may be: 2^28 query, key and value elements from 2^16 each.
STATIC_CHECK(HR_WEIGHTS_BYTES(65536, 4096, 4096, 65536, 65536, 65536, 65536, 65536, 1) ==
             IF_IT_FITS(64 +
                        4 * (3 * 268435456ULL * 65537 + 65536 * 268435457ULL + 2 * 268435456ULL)));
STATIC_CHECK(HR_WEIGHTS_BYTES(16, 1, 1, 16, 16, 16, 16, 16, 0) == 64 + 4 * 4 * (16 * 16 + 16));
STATIC_CHECK(HR_WEIGHTS_BYTES(65537, 1, 1, 16, 16, 16, 16, 16, 0) == 0);
STATIC_CHECK(HR_WEIGHTS_BYTES(16, 3, 2, 16, 16, 16, 16, 16, 0) == 0);

// A worker's tile of 48 KB: 87,382 of them are just more than 32 bits hold.
STATIC_CHECK(HR_ATTEND_SCRATCH_BYTES(48, 1, 1, 87, 1) == 48 * 4 * (87 + 151 + 18));
STATIC_CHECK(HR_ATTEND_SCRATCH_BYTES(48, 1, 1, 87, 87381) == 87381 * 49152ULL);
STATIC_CHECK(HR_ATTEND_SCRATCH_BYTES(48, 1, 1, 87, 87382) == IF_IT_FITS(87382 * 49152ULL));
STATIC_CHECK(HR_ATTEND_SCRATCH_BYTES(48, 1, 1, 87, 2147483648) == 0);
STATIC_CHECK(HR_SCRATCH_BYTES(1, 1, 87, 16, 0, 48, 87382) ==
             IF_IT_FITS(87382 * 49152ULL + 48 * 4 * (96 + 96 + 16) + 48 * 4 * 16));
STATIC_CHECK(HR_SCRATCH_BYTES(1, 1, 8, 8, 0, 65537, 1) == 0);
