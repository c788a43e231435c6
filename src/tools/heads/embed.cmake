# cmake -DFOLDER=... -DSCRIPTS=a.js,b.js -DTO=page.cpp -P embed.cmake
#
# Puts page.html, its style and its scripts together and makes of them a C++ string. The data takes
# the place of {{data}} when the tool writes a page.
file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/page.css style)
string(REPLACE "," ";" scripts "${SCRIPTS}")
set(script "'use strict';\n")
foreach(name IN LISTS scripts)
    file(READ ${FOLDER}/${name} text)
    string(APPEND script "\n${text}")
endforeach()
if("${style}${script}" MATCHES "</|{{|https?:")
    message(FATAL_ERROR "a part of the page would end it, or leave it: ${CMAKE_MATCH_0}")
endif()
string(REPLACE "{{style}}" "${style}" page "${page}")
string(REPLACE "{{script}}" "${script}" page "${page}")

# A literal for each line: some compilers take no long ones.
string(REPLACE "\\" "\\\\" page "${page}")
string(REPLACE "\"" "\\\"" page "${page}")
string(REPLACE "\n" "\\n\"\n    \"" page "${page}")
file(WRITE ${TO} "// Made from src/tools/heads: do not edit.
#include \"tools/heads_page.hpp\"

namespace headroom::tools {

const std::string_view heads_page_template =
    \"${page}\";

}  // namespace headroom::tools
")
