package diagnosis

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// identity is the account of a request, as messages name it. The zero value is DEPLOY_TOKEN.
type identity github.Identity

func (i identity) name() string { return cmp.Or(i.Name, "DEPLOY_TOKEN") }

// token names the credential that requests carry.
func (i identity) token() string {
	if i.App {
		return "the token of " + i.name()
	}
	return i.name()
}

// fill names the identity in a text that has {token} and {owner}.
func (i identity) fill(text string) string {
	return strings.NewReplacer("{token}", i.name(), "{owner}", i.owner()).Replace(text)
}

// owner names the account that a branch's rules let pass.
func (i identity) owner() string {
	if i.App {
		return "the App"
	}
	return "the token's owner"
}

// Owner returns what rules of a branch let pass or not, where requests are made as an identity.
func Owner(by github.Identity) string { return identity(by).owner() }

// renewal is the remedy of a token that is not accepted.
func (i identity) renewal(d plan.Deployment) string {
	if i.App {
		return "run `mage doctor`, which tells whether it is suspended or was uninstalled.\n" + i.needs(d)
	}
	return "set " + i.name() + " to a token that is neither expired nor revoked.\n" + i.needs(d)
}

// needs is the remedy of every missing permission.
func (i identity) needs(d plan.Deployment) string {
	permissions := "Contents"
	if d.PullRequest != nil {
		permissions = "Contents and Pull requests"
	}
	if i.App {
		return fmt.Sprintf("%s needs %s read and write on %s: its settings, Permissions & events; then an owner accepts them where it is "+
			"installed.", i.name(), permissions, d.Repository)
	}
	access := "read and write"
	if i.ReadOnly {
		access = "read"
	}
	return fmt.Sprintf("%s needs, as a fine-grained token or App: %s %s on %s; as a classic token: scope repo.",
		i.name(), permissions, access, d.Repository)
}

// Needs is the remedy of a permission that is lacking where requests are made as an identity.
func Needs(d plan.Deployment, by github.Identity) string { return identity(by).needs(d) }
