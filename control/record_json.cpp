#include "control/record_json.hpp"

namespace splitmx::control {

namespace {

using history::Record;

struct RecordText {
    char const* name;
    std::string Record::*value;
};
constexpr RecordText record_texts[]{
    {"id", &Record::id},
    {"session", &Record::session},
    {"sender", &Record::sender},
    {"recipient", &Record::recipient},
    {"original", &Record::original},
    {"host", &Record::host},
    {"reply", &Record::reply},
    {"client", &Record::client},
    {"related", &Record::related},
    {"decision", &Record::decision},
    {"config", &Record::config}};

}  // namespace

json::object to_wire(Record const& record) {
    json::object object;
    object["at_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(record.at.time_since_epoch()).count();
    object["kind"] = history::to_text(record.kind);
    object["size"] = record.size;
    for (auto const& [name, value] : record_texts) {
        if (!(record.*value).empty()) object[name] = octets_to_text(record.*value);
    }
    return object;
}

Record read_record(json::object const& object) {
    Record record;
    record.at = mail::Instant(std::chrono::milliseconds(number_of(object, "at_ms")));
    record.kind = history::kind_named(text_of(object, "kind")).value_or(history::Kind::receive);
    record.size = number_of(object, "size");
    for (auto const& [name, value] : record_texts) {
        record.*value = text_to_octets(text_of(object, name));
    }
    return record;
}

}  // namespace splitmx::control
