// Every verb of `splitmx`, each added by a file of its own. Threads: one, at the start.
#pragma once

#include "admin/verb.hpp"
#include "admin/verb_tree.hpp"

#include <functional>

namespace splitmx::admin {

void add_setup(Verb& splitmx);
void add_doctor(Verb& splitmx);
void add_status(Verb& splitmx);
void add_resolve(Verb& splitmx);
void add_session(Verb& splitmx);
void add_probe(Verb& splitmx);
void add_host(Verb& splitmx);
void add_reload(Verb& splitmx);
void add_config(Verb& splitmx);
void add_directory(Verb& splitmx);
void add_recipient(Verb& splitmx);
void add_schema(Verb& splitmx);
void add_import(Verb& splitmx);
void add_queue(Verb& splitmx);
void add_log(Verb& splitmx);
void add_trace(Verb& splitmx);
void add_replay(Verb& splitmx);
// `words` gives all of them, once they are there.
void add_completion(Verb& splitmx, std::function<VerbWords()> words);

}  // namespace splitmx::admin
