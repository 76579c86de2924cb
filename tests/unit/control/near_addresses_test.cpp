#include "control/near_addresses.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

using Texts = std::vector<std::string>;

Texts near(std::string const& wanted, Texts const& known) {
    control::NearAddresses near(*mail::Mailbox::parse(wanted));
    for (auto const& address : known) {
        resolver::Recipient recipient;
        recipient.addresses = {*mail::Mailbox::parse(address)};
        near.look_at(recipient);
    }
    return near.found();
}

}  // namespace

TEST_CASE("near addresses: the nearest of the same domain, at most three") {
    CHECK(near("zoe@contoso.com", {"zoey@contoso.com", "joe@contoso.com", "anna@contoso.com"}) ==
          Texts{"joe@contoso.com", "zoey@contoso.com"});
    CHECK(near("carl.smith@contoso.com", {"karl.smyth@contoso.com"}).size() == 1);
    CHECK(near("Zoe@Contoso.com", {"ZOEY@contoso.com"}).size() == 1);
    CHECK(near("annabel@contoso.com",
               {"annabe@contoso.com", "annabell@contoso.com", "annabet@contoso.com",
                "annabelly@contoso.com"})
              .size() == 3);
}

TEST_CASE("near addresses: not of another domain, and not what is another name") {
    CHECK(near("zoe@contoso.com", {"zoey@adatum.com"}).empty());
    CHECK(near("al@contoso.com", {"bo@contoso.com"}).empty());
    CHECK(near("x@contoso.com", {"y@contoso.com"}).empty());
    CHECK(near("zoe@contoso.com", {"zoe@contoso.com"}).empty());
}
