package cli

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
)

// daemonRegistries returns this machine's settings of registries, as far as a BuildKit daemon's configuration can express them: it has no
// headers and paths of hosts.toml. A registry whose files cannot be read is left out; its use reports the reason.
func daemonRegistries(machine *hosts.Machine) (all []daemon.Registry, unread []error) {
	var mirrors []hosts.Endpoint
	for _, name := range machine.List() {
		said, err := machine.Lookup(name)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		r := daemonRegistry(name, said.Endpoint)
		for _, mirror := range said.Mirrors {
			if address, ok := mirrorAddress(mirror); ok && mirror.Host != said.Endpoint.Host {
				r.Mirrors = append(r.Mirrors, address)
				mirrors = append(mirrors, mirror)
			}
		}
		all = append(all, r)
	}
	for _, mirror := range mirrors { // what is said of one as a registry of its own comes first
		if !slices.ContainsFunc(all, func(r daemon.Registry) bool { return r.Host == mirror.Host }) {
			all = append(all, daemonRegistry(mirror.Host, mirror))
		}
	}
	return all, unread
}

func daemonRegistry(name string, e hosts.Endpoint) daemon.Registry {
	r := daemon.Registry{Host: name, HTTP: e.Scheme == "http", Insecure: e.SkipVerify, Authorities: e.Authorities}
	for _, pair := range e.Pairs {
		r.Pairs = append(r.Pairs, daemon.KeyPair{Certificate: pair.Certificate, Key: pair.Key})
	}
	return r
}

// mirrorAddress is a mirror as BuildKit has it: its host, and a path that stands behind /v2.
func mirrorAddress(e hosts.Endpoint) (string, bool) {
	below, ok := strings.CutPrefix(e.Path, "/v2")
	return e.Host + below, ok && (below == "" || strings.HasPrefix(below, "/"))
}
