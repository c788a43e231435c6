// The tool's commands, one file each. Every function adds a subcommand and what it does to the app.
#pragma once

namespace CLI {
class App;
}

namespace headroom::tools {

void add_bench_command(CLI::App& app);
void add_heads_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_attend_command(CLI::App& app);
void add_layer_command(CLI::App& app);
void add_pack_command(CLI::App& app);
void add_plan_command(CLI::App& app);
void add_demo_command(CLI::App& app);  // only in a build that has the demonstration

}  // namespace headroom::tools
