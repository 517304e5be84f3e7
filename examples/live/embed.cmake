# SPDX-License-Identifier: MIT
# Writes the table of page_files.h: cmake -DOUTPUT=FILE -DPAGE=DIRECTORY -P embed.cmake

set(arrays "")
set(table "")
foreach(entry "/|index.html|text/html" "/live.css|live.css|text/css"
    "/live.js|live.js|text/javascript" "/protocol.js|protocol.js|text/javascript"
    "/input.js|input.js|text/javascript" "/charts.js|charts.js|text/javascript")
  string(REGEX MATCH "^([^|]*)[|]([^|]*)[|](.*)$" matched "${entry}")
  set(path "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  set(type "${CMAKE_MATCH_3}")
  file(READ "${PAGE}/${name}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(MAKE_C_IDENTIFIER "${name}" identifier)
  string(APPEND arrays "static const unsigned char ${identifier}[] = {${bytes}};\n")
  string(APPEND table "    {\"${path}\", \"${type}; charset=utf-8\", ${identifier}, sizeof(${identifier})},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"page_files.h\"\n\n${arrays}\nconst struct page_file page_files[] = {\n${table}    {0}};\n")
