// What a plan takes over from the one that it follows, while that one runs.
//
// Equal nodes of equal sensors go on with what they have: operations, sessions, buffers, memory of
// the frames before and the turns that guard it, last results, counts. So a stream loses no frame
// between the plans: activations of both take their turns in the order of frames. Models that are
// loaded already are used on. All else begins anew.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Gives sensors their numbers. `before` null: there was none.
void number_sensors(Plan& plan, const Plan* before);

// Before all else of the nodes is made: what is there is not made again. Nodes must be placed and
// sensors numbered.
void carry_nodes(Plan& plan, const Plan& before);

// What `before` has loaded of the model on that device, if it can serve this one's nodes, or null.
std::shared_ptr<ModelHost> carried_host(const Plan& plan, int model, int device,
                                        const Plan* before);
// Of a model that is where it was before, the same; else new.
std::shared_ptr<Whereabouts> carried_whereabouts(const PlacedModel& model, const Plan* before);

}  // namespace edgert
