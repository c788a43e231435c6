// The page's file: what is in it, how large it gets, and that nothing in it can break out of it.
#include <doctest.h>

#include "tools/heads_page.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "tools/synthetic_maps.hpp"

using namespace headroom::test;
using headroom::tools::Grid;
using headroom::tools::HeadMaps;
using headroom::tools::heads_page;
using headroom::tools::not_visible;
using headroom::tools::page_steps;
using headroom::tools::pool;
using headroom::tools::summarise;

namespace {

std::string page_of(const HeadMaps& maps, const std::string& title = "layer") {
    return heads_page(maps, summarise(maps), title, "a line");
}

nlohmann::json data_of(const std::string& page) {
    const std::string mark = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = page.find(mark) + mark.size();
    return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++n;
    return n;
}

}  // namespace

TEST_CASE("heads page: its data are the maps") {
    const HeadMaps maps = maps_of({looks_at_offset(0, 40.0), looks_everywhere()},
                                  {.queries = 2, .keys = 2, .causal = true});
    const nlohmann::json data = data_of(page_of(maps));
    CHECK(data["heads"].size() == 2);
    CHECK(data["rows"] == 2);
    CHECK(data["verdict"] == "Head 1 is idle: it spreads its attention evenly.");
    // 65533 is 1, 65535 not visible: bytes FD FF, FF FF, 00 00, FD FF
    CHECK(data["heads"][0]["map"] == "/f///wAA/f8=");
    CHECK(data["heads"][1]["map"] == "/f////9//38=");
    CHECK(data["heads"][0]["group"] == "key 1");
}

TEST_CASE("heads page: numbers that a head does not have are null") {
    HeadMaps maps = maps_of({looks_at_offset(0), looks_everywhere()},
                            {.queries = 3, .keys = 3, .causal = true});
    maps.weights[0] = NAN;
    const nlohmann::json data = data_of(page_of(maps)), broken = data["heads"][0];
    for (const char* name :
         {"entropy", "most_entropy", "uneven", "distance", "largest", "query", "key"})
        CHECK_MESSAGE(broken[name].is_null(), name);
    CHECK(broken["numbers"] == "");
    // Query 0, which sees one key, is not told of.
    CHECK(data["heads"][1]["largest"] == 0.5f);
    CHECK(data["heads"][1]["query"] == 1);
    CHECK(data["heads"][1]["key"] == 0);
}

TEST_CASE("heads page: names cannot leave their place") {
    HeadMaps maps = maps_of({looks_everywhere()}, {.queries = 2, .keys = 2});
    const std::string plain = page_of(maps);
    const std::string evil =
        "</script><script>alert('x')</script><!--\"&\\ \xff {{data}} {{style}}";
    maps.about = {{"file", evil}};
    maps.key_labels = maps.query_labels = {evil, evil};
    const std::string page = page_of(maps, evil);
    CHECK(count(page, "</script>") == count(plain, "</script>"));
    CHECK(count(page, "<script") == count(plain, "<script"));
    CHECK(count(page, "<!--") == count(plain, "<!--"));
    CHECK(count(page, "</title>") == 1);
    CHECK(page.find("<title>&lt;/script>&lt;script>alert('x')&lt;/script>&lt;!--\"&amp;") !=
          std::string::npos);
    const std::string title = data_of(page)["title"];
    CHECK(title.starts_with("</script><script>alert('x')</script><!--\"&\\ "));
}

TEST_CASE("heads page: nothing comes from elsewhere") {
    const std::string page = page_of(maps_of({looks_everywhere()}));
    for (const char* way :
         {"http:", "https:", "src=", "href=", "url(", "@import", "fetch(", "XMLHttpRequest", "{{"})
        CHECK_MESSAGE(page.find(way) == std::string::npos, way);
    CHECK(page.find("default-src 'none'") != std::string::npos);
}

TEST_CASE("heads page: large maps are reduced by their largest weights, and the page says so") {
    CHECK(page_steps(8, 512, 512).row == 1);
    CHECK(page_steps(8, 513, 512).row == 2);
    CHECK(page_steps(1, 1, 5000).column == 10);
    CHECK(page_steps(1, 1, 5000).row == 1);
    for (const std::int64_t heads : {1, 64, 4096}) {
        const auto steps = page_steps(heads, 4000, 4000);
        const auto cells = [](std::int64_t step) { return (4000 + step - 1) / step; };
        CHECK(heads * cells(steps.row) * cells(steps.column) <= 3'000'000);
        // A smaller step would be too small.
        const std::int64_t finer = cells(steps.row - 1);
        CHECK((finer > 512 || heads * finer * cells(steps.column) > 3'000'000));
    }
    const HeadMaps maps =
        maps_of({looks_at_offset(0), looks_at_key(0)}, {.queries = 600, .keys = 9});
    const std::string page = page_of(maps);
    CHECK(data_of(page)["row_step"] == 2);
    CHECK(page.find("a cell stands for 2 x 1 of the 600 x 9 weights") != std::string::npos);
    CHECK(page_of(maps_of({looks_everywhere()})).find("a cell stands for") == std::string::npos);
}

TEST_CASE("head maps: a reduced cell is the largest weight, and NaN if there is one") {
    const float nan = NAN, no = not_visible;
    const std::vector<float> map{0.1f, 0.4f, 0.3f, no,    //
                                 0.2f, nan,  0.5f, no,    //
                                 0.6f, 0.7f, 0.0f, 0.9f,  //
                                 no,   no,   no,   0.8f};
    const Grid grid = pool(map, 4, 4, 3, 3);
    CHECK(grid.rows == 2);
    CHECK(grid.columns == 2);
    CHECK(std::isnan(grid.cells[0]));
    CHECK(grid.cells[1] == 0.9f);
    CHECK(grid.cells[2] == no);
    CHECK(grid.cells[3] == 0.8f);
}
