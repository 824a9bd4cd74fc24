// What people and providers give as JSON: an Open Referral service (which peers publish too), a
// client's record, a referral, an exit report. The first octet chooses.

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "casework/json/casework_json.h"

using namespace liaison;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text = as_text({data + 1, size - 1});
  switch (data[0] % 4) {
    case 0:
      if (auto service = casework::parse_service(text)) {
        static_cast<void>(casework::service_json(*service, from_ms(0)).dump());
        casework::Directory directory;
        directory.put(*service);
        static_cast<void>(directory.search("pain"));
      }
      break;
    case 1:
      if (auto client = casework::parse_client(text)) {
        auto again = casework::parse_client_changes(casework::json_of(client->client).dump(),
                                                    client->client);
        static_cast<void>(again);
      }
      break;
    case 2:
      static_cast<void>(casework::parse_referral(text));
      break;
    case 3:
      static_cast<void>(casework::parse_exit_report(text));
      break;
  }
  return 0;
}
