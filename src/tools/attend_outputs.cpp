#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "tools/attend_files.hpp"
#include "tools/npy_writer.hpp"
#include "tools/output_check.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

void refuse_collisions(const AttendPaths& paths) {
    const std::vector<NamedFile> inputs = {{"--q", paths.query},
                                           {"--k", paths.key},
                                           {"--v", paths.value},
                                           {"--mask", paths.mask},
                                           {"--past-key", paths.past_key},
                                           {"--past-value", paths.past_value},
                                           {"--valid-keys", paths.valid_keys}};
    const std::vector<NamedFile> outputs = {{"--out", paths.out},
                                            {"--weights-out", paths.weights},
                                            {"--present-key", paths.present_key},
                                            {"--present-value", paths.present_value}};
    for (auto output = outputs.begin(); output != outputs.end(); ++output) {
        for (auto other = outputs.begin(); other != output; ++other) {
            if (!same_file(*output, *other)) continue;
            throw UserError(output->path + ": is both " + other->option + " and " + output->option);
        }
        // A cache file may grow in place.
        std::vector<NamedFile> kept = inputs;
        std::erase_if(kept, [&](const NamedFile& input) {
            return (output->option == "--present-key" && input.option == "--past-key") ||
                   (output->option == "--present-value" && input.option == "--past-value");
        });
        refuse_to_overwrite(*output, kept);
    }
}

std::string text_of(Dtype dtype, const Dims& dims) {
    return std::string(name_of(dtype)) + " " + shape_text(dims);
}

}  // namespace

AttendOutputs::AttendOutputs(const AttendPaths& paths) {
    refuse_collisions(paths);
    out_ = open(paths.out);
    weights_ = open(paths.weights);
    present_key_ = open(paths.present_key);
    present_value_ = open(paths.present_value);
}

AttendOutputs::Output* AttendOutputs::open(const std::string& path) {
    if (path.empty()) return nullptr;
    outputs_.push_back({path, AtomicFile(path), ""});
    return &outputs_.back();
}

void AttendOutputs::write_out(const OutputMemory& out, const NpyArray& query) {
    out_->file.write(npy_header(query.dtype, out.dims));
    out_->file.write(npy_data(query.dtype, out.values));
    out_->text = text_of(query.dtype, out.dims);
}

ShowWeights AttendOutputs::weights_writer(const AttendProblem& problem, const NpyArray& query) {
    if (weights_ == nullptr) return {};
    const Dims dims = {problem.query.batches, problem.query.heads, problem.query.tokens,
                       problem.key.tokens};
    const Dtype dtype = query.dtype;
    const std::vector<std::byte> header = npy_header(dtype, dims);
    weights_->file.write(header);
    weights_->text = text_of(dtype, dims);
    return [file = &weights_->file, dims, dtype, start = header.size()](
               Index batch, Index first_query, const WeightsCollector& weights) {
        const std::span<const float> all = weights.values();
        const auto count = static_cast<std::size_t>(weights.dims()[2] * dims[3]);  // of a head
        for (Index head = 0; head < dims[1]; ++head) {
            const Index row = (batch * dims[1] + head) * dims[2] + first_query;
            const auto place = static_cast<std::uint64_t>(row) *
                               static_cast<std::uint64_t>(dims[3]) * bytes_of(dtype);
            const auto values = all.subspan(static_cast<std::size_t>(head) * count, count);
            file->write_at(start + place, npy_data(dtype, values));
        }
    };
}

void AttendOutputs::write_present(Output& to, const NpyArray* past, const NpyArray& added,
                                  const Operand& all) {
    const Dims dims = all.head_major_dims();
    to.file.write(npy_header(added.dtype, dims));
    to.text = text_of(added.dtype, dims);
    const auto rows = [&](const NpyArray& from, Index first, Index count) {
        const auto row_bytes = static_cast<std::size_t>(all.width()) * bytes_of(from.dtype);
        to.file.write(from.data.subspan(static_cast<std::size_t>(first) * row_bytes,
                                        static_cast<std::size_t>(count) * row_bytes));
    };
    const Index before = past == nullptr ? 0 : past->dims[2], heads = all.heads();
    const Index tokens = all.tokens() - before;
    for (Index b = 0; b < all.batches(); ++b)
        for (Index h = 0; h < heads; ++h) {
            if (past != nullptr) rows(*past, (b * heads + h) * before, before);
            if (added.rank() == 4) {
                rows(added, (b * heads + h) * tokens, tokens);
                continue;
            }
            for (Index t = 0; t < tokens; ++t) rows(added, (b * tokens + t) * heads + h, 1);
        }
}

void AttendOutputs::write_present_key(const NpyArray* past, const NpyArray& added,
                                      const Operand& all) {
    if (present_key_ != nullptr) write_present(*present_key_, past, added, all);
}

void AttendOutputs::write_present_value(const NpyArray* past, const NpyArray& added,
                                        const Operand& all) {
    if (present_value_ != nullptr) write_present(*present_value_, past, added, all);
}

void AttendOutputs::commit(const std::string& port) {
    for (Output& output : outputs_) output.file.finish();
    for (Output& output : outputs_) output.file.commit();
    for (const Output& output : outputs_) {
        std::printf("%s: %s%s\n", output.path.c_str(), output.text.c_str(),
                    &output == out_ ? (", computed on port " + port).c_str() : "");
    }
}

}  // namespace headroom::tools
