// Frames lent to other processes: what they see, what is refused, and what comes back.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "edgert/lease/share_client.h"
#include "edgert/lease/share_server.h"

namespace edgert {
namespace {

constexpr int kWidth = 66, kHeight = 34;  // rows that need aligning
constexpr Nanos kPatience = 10 * kSecond;

std::string socket_path() {
  static std::atomic<int> number{0};
  return ::testing::TempDir() + "edgert-lease-" + std::to_string(getpid()) + "-" +
         std::to_string(number++);
}

FrameRef picture(std::uint8_t value, std::uint64_t sequence, BufferRef memory = {}) {
  FrameRef frame = make_frame();
  const int half_width = kWidth / 2, half_height = kHeight / 2;
  const std::size_t bytes = kWidth * kHeight + 2 * half_width * half_height;
  frame->owner = memory ? std::move(memory) : allocate_buffer(bytes);
  auto* at = reinterpret_cast<std::uint8_t*>(frame->owner->data());
  std::memset(at, value, bytes);
  frame->image = {PixelFormat::kYuv420p, kWidth, kHeight, ColourRange::kFull, ColourMatrix::kBt709};
  frame->planes[0] = {at, kWidth, kWidth, kHeight};
  frame->planes[1] = {at + kWidth * kHeight, half_width, half_width, half_height};
  frame->planes[2] = {at + kWidth * kHeight + half_width * half_height, half_width, half_width,
                      half_height};
  frame->plane_count = 3;
  frame->sequence = sequence;
  frame->capture = static_cast<Nanos>(sequence + 1) * kMillisecond;
  return frame;
}

std::unique_ptr<ShareServer> serve(const std::string& path, std::uint32_t slots = 4,
                                   std::size_t bytes = 65536) {
  auto server = ShareServer::create({path, bytes, slots, 16}, {"camera", "door"});
  EXPECT_TRUE(server.ok()) << server.status().message();
  return std::move(server).value();
}

std::unique_ptr<ShareClient> client(const std::string& path, int held = 2) {
  auto made = ShareClient::connect({path, "camera", held, 0}, now() + kPatience);
  EXPECT_TRUE(made.ok()) << made.status().message();
  return std::move(made).value();
}

// Until the server's figures satisfy `holds`.
template <class Predicate>
bool eventually(const ShareServer& server, Predicate holds) {
  for (const Nanos end = now() + kPatience; now() < end;) {
    if (holds(server.snapshot())) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST(Segment, ASlotIsReadOnlyElsewhereAndCannotShrink) {
  auto made = Segment::create(10000, 2);
  ASSERT_TRUE(made.ok());
  const auto segment = std::move(made).value();
  ASSERT_TRUE(segment->reserve(1));
  segment->slot(1)[5] = std::byte{42};
  auto other = Segment::attach(dup(segment->fd()), segment->slot_bytes(), segment->slots());
  ASSERT_TRUE(other.ok()) << other.status().message();
  EXPECT_EQ((*other)->slot(1)[5], std::byte{42});
  EXPECT_EQ((*other)->slot_of((*other)->slot(1) + 5), 1u);
  EXPECT_FALSE((*other)->slot_of(&made).has_value());
  EXPECT_NE(ftruncate(segment->fd(), 0), 0);
  const void* writable = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, segment->fd(), 0);
  EXPECT_EQ(writable, MAP_FAILED);
}

TEST(Segment, RefusesWhatIsNoSegment) {
  const int fd = memfd_create("other", 0);
  ASSERT_EQ(ftruncate(fd, 4096), 0);
  EXPECT_FALSE(Segment::attach(fd, 4096, 1).ok());
}

TEST(LeasePool, IsBoundedAndCountsGenerations) {
  auto pool = std::move(LeasePool::create(1000, 2)).value();
  EXPECT_FALSE(pool->take(1 << 20));
  BufferRef first = pool->take(1000), second = pool->take(10);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(pool->take(1));
  const std::uint32_t slot = *pool->segment().slot_of(first->data());
  EXPECT_EQ(pool->segment().generation(slot), 0u);
  first.reset();
  EXPECT_EQ(pool->segment().generation(slot), 1u);
  EXPECT_TRUE(pool->take(1000));
}

TEST(Share, AClientSeesTheFrameAndGivesItBack) {
  const std::string path = socket_path();
  auto server = serve(path);
  auto reader = client(path);
  server->offer(0, picture(17, 3));
  auto got = reader->next(now() + kPatience);
  ASSERT_TRUE(got.ok()) << got.status().message();
  const Frame& frame = *got->frame;
  EXPECT_EQ(frame.sequence, 3u);
  EXPECT_EQ(frame.image, (ImageFormat{PixelFormat::kYuv420p, kWidth, kHeight, ColourRange::kFull,
                                      ColourMatrix::kBt709}));
  ASSERT_EQ(frame.plane_count, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Plane& plane = frame.planes[i];
    for (int y = 0; y < plane.height; ++y)
      for (int x = 0; x < plane.width; ++x) ASSERT_EQ(plane.data[plane.stride * y + x], 17);
  }
  EXPECT_EQ(server->snapshot().held, 1);
  EXPECT_GT(server->snapshot().copied_bytes, 0);
  EXPECT_EQ(reader->segment()->generation(got->slot), got->generation);
  got->frame.reset();
  EXPECT_TRUE(eventually(*server, [](const ShareSnapshot& s) { return s.held == 0; }));
}

TEST(Share, WhatWasFilledInTheSegmentIsNotCopied) {
  const std::string path = socket_path();
  auto server = serve(path);
  auto reader = client(path);
  FrameRef frame = picture(9, 0, server->pool().take(8192));
  const auto offset = frame->owner->data() - server->pool().segment().data();
  server->offer(0, frame);
  auto got = reader->next(now() + kPatience);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(
      reinterpret_cast<const std::byte*>(got->frame->planes[0].data) - reader->segment()->data(),
      offset);
  EXPECT_EQ(server->snapshot().copied_bytes, 0);
  frame.reset();  // the lease alone keeps it
  EXPECT_EQ(got->frame->planes[0].data[0], 9);
  EXPECT_EQ(reader->segment()->generation(got->slot), got->generation);
}

TEST(Share, WhoHoldsAllItMayIsRefusedAndTold) {
  const std::string path = socket_path();
  auto server = serve(path, 8);
  auto reader = client(path, 1);
  server->offer(0, picture(1, 0));
  auto first = reader->next(now() + kPatience);
  ASSERT_TRUE(first.ok());
  server->offer(0, picture(2, 1));
  server->offer(0, picture(3, 2));
  ASSERT_TRUE(eventually(*server, [](const auto& s) { return s.refused_holds_all == 2; }));
  first->frame.reset();
  ASSERT_TRUE(eventually(*server, [](const auto& s) { return s.held == 0; }));
  server->offer(0, picture(4, 3));
  auto second = reader->next(now() + kPatience);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->frame->sequence, 3u);
  EXPECT_EQ(second->refused, 2);
}

TEST(Share, MemoryThatIsShortIsRefusedNotOvercommitted) {
  const std::string path = socket_path();
  auto server = serve(path, 1);
  auto one = client(path, 4), two = client(path, 4);
  server->offer(0, picture(1, 0));
  auto held = one->next(now() + kPatience), shared = two->next(now() + kPatience);
  ASSERT_TRUE(held.ok() && shared.ok());
  EXPECT_EQ(held->slot, shared->slot);  // one copy serves both
  server->offer(0, picture(2, 1));
  ASSERT_TRUE(eventually(*server, [](const auto& s) { return s.refused_no_slot > 0; }));
  EXPECT_EQ(held->frame->planes[0].data[0], 1);
  held->frame.reset();
  shared->frame.reset();
  ASSERT_TRUE(eventually(*server, [](const auto& s) { return s.held == 0; }));
  EXPECT_NE(one->segment()->generation(held->slot), held->generation);  // dead, and it shows
}

TEST(Share, AFrameThatIsTooLargeIsRefused) {
  const std::string path = socket_path();
  auto server = serve(path, 2, 1000);
  auto reader = client(path);
  server->offer(0, picture(1, 0));
  EXPECT_TRUE(eventually(*server, [](const auto& s) { return s.refused_too_large == 1; }));
}

TEST(Share, TheEndComesAfterTheLastFrame) {
  const std::string path = socket_path();
  auto server = serve(path);
  auto reader = client(path);
  server->offer(0, picture(1, 0));
  server->finish(0);
  EXPECT_TRUE(reader->next(now() + kPatience).ok());
  EXPECT_EQ(reader->next(now() + kPatience).status().code(), Code::kCancelled);
}

TEST(Share, AFrameOutlivesItsServer) {
  const std::string path = socket_path();
  auto server = serve(path);
  auto reader = client(path);
  server->offer(0, picture(5, 0));
  auto got = reader->next(now() + kPatience);
  ASSERT_TRUE(got.ok());
  server.reset();
  EXPECT_EQ(got->frame->planes[0].data[7], 5);
  EXPECT_EQ(reader->segment()->generation(got->slot), got->generation);  // alive
  EXPECT_EQ(reader->next(now() + kPatience).status().code(), Code::kUnavailable);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(Share, SaysWhatItDoesNotHave) {
  const std::string path = socket_path();
  auto server = serve(path);
  const Status unknown = ShareClient::connect({path, "roof", 1, 0}, now() + kPatience).status();
  EXPECT_EQ(unknown.code(), Code::kNotFound);
  EXPECT_NE(unknown.message().find("camera, door"), std::string::npos) << unknown.message();
  EXPECT_EQ(ShareClient::connect({path + "x", "camera", 1, 0}).status().code(), Code::kUnavailable);
  EXPECT_EQ(ShareServer::create({path, 100, 1, 1}, {"camera"}).status().code(),
            Code::kUnavailable);  // somebody listens there
  EXPECT_FALSE(ShareServer::create({std::string(200, 'x'), 100, 1, 1}, {"camera"}).ok());
}

TEST(Share, TheSocketOfADeadServerIsTakenOver) {
  const std::string path = socket_path();
  { const Descriptor dead = std::move(listen_at(path)).value(); }  // closes, leaves the file
  ASSERT_EQ(access(path.c_str(), F_OK), 0);
  auto server = serve(path);
  struct stat file {};
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777u, 0600u);
}

TEST(Share, ALeaseThatIsNotHeldEndsTheConnection) {
  const std::string path = socket_path();
  auto server = serve(path);
  const Descriptor raw = std::move(connect_to(path)).value();
  lease_wire::Subscribe hello;
  std::strcpy(hello.sensor, "camera");
  ASSERT_TRUE(send_message(raw.get(), &hello, sizeof hello));
  const lease_wire::Release release{lease_wire::Type::kRelease, 0, 99};  // a generation long dead
  ASSERT_TRUE(send_message(raw.get(), &release, sizeof release));
  EXPECT_TRUE(
      eventually(*server, [](const auto& s) { return s.misbehaved == 1 && s.clients == 0; }));
  const Descriptor noise = std::move(connect_to(path)).value();
  ASSERT_TRUE(send_message(noise.get(), "GET / HTTP/1.1", 14));
  EXPECT_TRUE(eventually(*server, [](const auto& s) { return s.misbehaved == 2; }));
}

// Clients that come, hold, and vanish, while frames flow: at the end nothing is held.
TEST(Share, ComingsAndGoingsLeaveNothingBehind) {
  const std::string path = socket_path();
  auto server = serve(path, 4);
  std::atomic<bool> over{false};
  std::thread source([&] {
    for (std::uint64_t i = 0; !over.load(); ++i) {
      server->offer(0, picture(static_cast<std::uint8_t>(i), i));
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t)
    readers.emplace_back([&path, t] {
      for (int round = 0; round < 20; ++round) {
        auto reader = client(path, 1 + t);
        std::vector<FrameRef> kept;
        for (int i = 0; i < 5; ++i) {
          auto got = reader->next(now() + 20 * kMillisecond);
          if (!got.ok()) continue;
          const Plane& plane = got->frame->planes[0];
          EXPECT_EQ(plane.data[0], static_cast<std::uint8_t>(got->frame->sequence));
          EXPECT_EQ(plane.data[0], plane.data[plane.stride * (kHeight - 1) + kWidth - 1]);
          if (i % 2) kept.push_back(std::move(got->frame));
        }
      }
    });
  for (std::thread& reader : readers) reader.join();
  over = true;
  source.join();
  EXPECT_TRUE(eventually(*server, [](const auto& s) { return s.held == 0 && s.clients == 0; }));
  BufferRef all[4];
  for (BufferRef& slot : all) slot = server->pool().take(1);
  for (BufferRef& slot : all) EXPECT_TRUE(slot);
}

}  // namespace
}  // namespace edgert
