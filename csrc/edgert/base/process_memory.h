// How the whole process treats memory. edgert may be a guest in somebody else's program, so it
// leaves the allocator's settings and other libraries' pages alone, unless the program says
// otherwise.
#pragma once

namespace edgert {

// Says that this process is edgert's alone, as `edgert run` does. Call it once, at the start of the
// program, before anything is loaded. From then on
// - large blocks are mapped one by one, so that what loading frees goes back to the system;
// - after loading, all libraries let go of the pages that running doesn't need, not only engines.
void dedicate_process();

bool process_is_dedicated();

}  // namespace edgert
