#include "tools/demo_runs.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <span>
#include <stdexcept>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using demo::Answer;
using demo::answer_length;
using demo::DateModel;
using demo::DateStatus;
using demo::target_letters;

double now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

DateModel& open_model(const Port& port) {
    static demo::Arenas arenas;
    static DateModel model;
    if (const Result r = model.open(port, demo::date_weights, arenas); !r.ok())
        throw std::runtime_error(std::string("the date model: ") + describe(r.status));
    return model;
}

void require_ok(DateStatus status, const std::string& text) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) status = DateStatus::empty;
    if (status == DateStatus::ok) return;
    if (status == DateStatus::empty)
        throw UserError("demo: the text is empty; give a date to rewrite");
    if (status == DateStatus::too_long)
        throw UserError("demo: the text has " + std::to_string(text.size()) +
                        " bytes; the model reads at most " + std::to_string(demo::longest_text));
    throw std::runtime_error(std::string("the date model: ") + demo::describe(status));
}

SentenceRun run_sentence(const Port& port, const std::string& text) {
    constexpr int most_repetitions = 500;
    constexpr double enough_seconds = 0.25;  // an emulated processor is slow

    DateModel& model = open_model(port);
    SentenceRun run{};
    require_ok(model.translate(text, run.answer, run.looks), text);

    std::vector<double> steps, sentences;
    const double begin = now();
    while (run.repetitions < most_repetitions &&
           (run.repetitions < 3 || now() - begin < enough_seconds)) {
        Answer answer;
        const double start = now();
        require_ok(model.read(text), text);
        for (double last = now(); model.written() < answer_length;) {
            require_ok(model.write(answer), text);
            const double end = now();
            steps.push_back(end - last);
            last = end;
        }
        sentences.push_back(now() - start);
        ++run.repetitions;
    }
    run.token_seconds = median(steps);
    run.sentence_seconds = median(sentences);
    return run;
}

double certainty(const Answer& answer) {
    double least = 1.0;
    for (const auto& row : answer.logits) {
        const float most = *std::max_element(std::begin(row), std::end(row));
        double sum = 0.0;
        for (const float logit : row) sum += std::exp(static_cast<double>(logit - most));
        least = std::min(least, 1.0 / sum);
    }
    return least;
}

double HeldOutRun::exact_percent() const {
    const auto all = static_cast<double>(sentences());
    return all == 0.0 ? 0.0 : 100.0 * (all - static_cast<double>(misses.size())) / all;
}

HeldOutRun run_held_out(const Port& port, const std::function<void(std::size_t)>& progress) {
    constexpr std::size_t sentences_between_reports = 50;

    DateModel& model = open_model(port);
    HeldOutRun run;
    const auto sentences = demo::held_out_sentences();
    run.logits.reserve(sentences.size() * answer_length * target_letters);
    const double start = now();
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        if (i % sentences_between_reports == 0) progress(i);
        const demo::HeldOutSentence& sentence = sentences[i];
        Answer answer;
        require_ok(model.translate({sentence.text, std::strlen(sentence.text)}, answer),
                   sentence.text);
        const bool exact = std::strcmp(answer.text, sentence.answer) == 0;
        HeldOutRun::Style& style = run.styles[sentence.style];
        ++style.sentences;
        style.misses += exact ? 0 : 1;
        if (!exact) run.misses.push_back({sentence, answer.text});
        for (const auto& row : answer.logits)
            run.logits.insert(run.logits.end(), std::begin(row), std::end(row));
    }
    run.seconds = now() - start;
    return run;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace headroom::tools
