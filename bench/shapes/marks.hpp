#pragma once

// Between these two calls tests/counts/count_plugin.cpp counts instructions: it knows them by name.
extern "C" {
void mark_begin();
void mark_end();
}
