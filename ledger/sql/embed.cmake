# Writes the SQL files into one C++ source, so that the program carries its statements with it.
#   cmake -DROOT=<ledger/sql> -DFILES=<a;b;…, relative to ROOT> -DOUTPUT=<file> -P embed.cmake
set(entries "")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" text)
  string(APPEND entries "    {\"${file}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"ledger/store/sql_texts.h\"

namespace parlor::ledger {

const std::vector<SqlText>& sqlTexts() {
    static const std::vector<SqlText> texts{
${entries}    };
    return texts;
}

}  // namespace parlor::ledger
")
