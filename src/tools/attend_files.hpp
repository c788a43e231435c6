// The files of `headroom attend`: inputs read and checked, outputs that appear together or not.
#pragma once

#include <list>
#include <optional>
#include <string>

#include "tools/atomic_file.hpp"
#include "tools/attend_run.hpp"
#include "tools/npy.hpp"
#include "tools/onnx_attend.hpp"

namespace headroom::tools {

/// Paths as given; empty: not given.
struct AttendPaths {
    std::string query = {}, key = {}, value = {}, mask = {};                   // read
    std::string past_key = {}, past_value = {}, valid_keys = {};               // read
    std::string out = {}, weights = {}, present_key = {}, present_value = {};  // written
};

/// The inputs, mapped.
class AttendInputs {
public:
    /// Throws UserError, naming the file, if one cannot be read or has a type that is not taken.
    explicit AttendInputs(const AttendPaths& paths);

    /// In the library's types, under names such as "--k K.npy". Throws UserError for a type that is
    /// no mask's or no length's.
    OnnxInputs read() const;

    const NpyArray& query() const { return query_.array(); }
    const NpyArray& key() const { return key_.array(); }
    const NpyArray& value() const { return value_.array(); }
    const NpyArray* past_key() const { return past_key_ ? &past_key_->array() : nullptr; }
    const NpyArray* past_value() const { return past_value_ ? &past_value_->array() : nullptr; }

private:
    NpyFile query_, key_, value_;
    std::optional<NpyFile> past_key_, past_value_, mask_, valid_keys_;
};

/// The outputs, under temporary names until commit().
class AttendOutputs {
public:
    /// Opens all of them, so that what cannot be written shows before the work. Throws UserError if
    /// two are one file, or one is an input; a past may be replaced by what is present.
    explicit AttendOutputs(const AttendPaths& paths);

    /// Y in the type of the queries.
    void write_out(const OutputMemory& out, const NpyArray& query);

    /// The weights [batches][heads][queries][keys], piece by piece, in the type of the queries.
    /// Refers to this object; empty if no weights are wanted.
    ShowWeights weights_writer(const AttendProblem& problem, const NpyArray& query);

    /// Copies of what was read, past first, in the layout [batch][heads][tokens][width].
    void write_present_key(const NpyArray* past, const NpyArray& added, const Operand& all);
    void write_present_value(const NpyArray* past, const NpyArray& added, const Operand& all);

    /// Puts all files in their places, then says on stdout what was written.
    void commit(const std::string& port);

private:
    struct Output {
        std::string path;
        AtomicFile file;
        std::string text;  // its type and shape
    };
    Output* open(const std::string& path);
    static void write_present(Output& to, const NpyArray* past, const NpyArray& added,
                              const Operand& all);

    std::list<Output> outputs_;
    Output *out_, *weights_, *present_key_, *present_value_;
};

}  // namespace headroom::tools
