// What a sharing server and its clients tell each other: one fixed-size message a packet of a
// local socket, in the machine's own byte order.
//
//   client                     server
//   Hello + Subscribe     →
//                         ←    Welcome (with the segment's descriptor), or Refusal
//                         ←    Grant …           a frame: where its planes lie in the segment
//   Release …             →                      the client is done with a grant
//                         ←    End               the sensor has no more frames
//
// A connection that ends, however it ends, gives back all that it holds.
#pragma once

#include <cstdint>
#include <type_traits>

namespace edgert::lease_wire {

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kHeldByDefault = 4;
inline constexpr std::uint32_t kMagic = 0x54524745;  // "EGRT"

enum class Type : std::uint32_t { kSubscribe = 1, kWelcome, kRefusal, kGrant, kRelease, kEnd };

struct Subscribe {
  Type type = Type::kSubscribe;
  std::uint32_t magic = kMagic, version = kVersion;
  std::uint32_t most_held = 1;    // grants that this client holds at once, at most; 0: by default
  std::int64_t min_interval = 0;  // nanoseconds between two grants, at least
  char sensor[128] = {};
};

struct Welcome {
  Type type = Type::kWelcome;
  std::uint32_t slots = 0;
  std::uint64_t slot_bytes = 0;
};

struct Refusal {
  Type type = Type::kRefusal;
  std::int32_t code = 0;  // edgert::Code
  char text[500] = {};
};

struct Plane {
  std::uint64_t offset = 0;  // from the segment's first byte
  std::int64_t stride = 0;
  std::int32_t width = 0, height = 0;
};

struct Grant {
  Type type = Type::kGrant;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;
  std::uint64_t sequence = 0;
  std::int64_t capture = 0, media_time = 0;
  std::uint32_t refused = 0;  // frames since the last grant that this client could not get
  std::uint8_t kind = 0, pixel = 0, range = 0, matrix = 0, siting = 0, dtype = 0, gap = 0,
               spare = 0;
  std::int32_t width = 0, height = 0, plane_count = 0, rate = 0;
  Plane planes[3];
  std::int64_t shape[2] = {0, 0};  // of sound and tables; planes[0] says where
};

struct Release {
  Type type = Type::kRelease;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;
};

struct End {
  Type type = Type::kEnd;
  std::uint32_t spare = 0;
};

// The largest of them, for receiving.
union Any {
  Type type;
  Subscribe subscribe;
  Welcome welcome;
  Refusal refusal;
  Grant grant;
  Release release;
  End end;
  Any() : end() {}
};
static_assert(std::is_trivially_copyable_v<Any>);

}  // namespace edgert::lease_wire
