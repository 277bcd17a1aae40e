package attachable

import (
	"context"
	"sync"

	"github.com/docker/cli/cli/config/types"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
)

// tokenUser is the user name by which credential helpers mark an identity token
// (docker-credential-helpers README, "Development").
const tokenUser = "<token>"

// Keyring answers the daemon's requests for registry credentials and remembers which account it answered with, so that a refused
// pull can say which account was refused. The daemon gets tokens from registries that have them, and the password only for those
// that take nothing else.
type Keyring struct {
	Lookup func(ctx context.Context, host string) (user, secret string, err error)
	mu     sync.Mutex
	users  map[string]string // by host; empty is anonymous
}

// Attachable returns what answers the daemon for one solve.
func (k *Keyring) Attachable() session.Attachable {
	return authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{AuthConfigProvider: k.authConfig})
}

func (k *Keyring) authConfig(ctx context.Context, host string, _ []string, _ authprovider.ExpireCachedAuthCheck) (types.AuthConfig, error) {
	host = registryName(host)
	auth := types.AuthConfig{ServerAddress: host}
	if k.Lookup == nil {
		return auth, nil
	}
	user, secret, err := k.Lookup(ctx, host)
	if err != nil {
		return types.AuthConfig{}, err
	}
	k.rememberUser(host, user)
	if user == tokenUser {
		auth.IdentityToken = secret
		return auth, nil
	}
	auth.Username, auth.Password = user, secret
	return auth, nil
}

func (k *Keyring) rememberUser(host, user string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users == nil {
		k.users = map[string]string{}
	}
	k.users[host] = user
}

// User is the account that host was asked with, empty for none.
func (k *Keyring) User(host string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.users[host]
}

// registryName is the name of a registry in image references; Docker Hub's API has another host.
func registryName(host string) string {
	if host == authprovider.DockerHubRegistryHost {
		return "docker.io"
	}
	return host
}
