// Package hosts reads a machine's settings of registries from the files of containerd and docker: authorities, client certificates, plain
// HTTP and mirrors, in hosts.toml or in the directories of certs.d.
//
// containerd's own reader (core/remotes/docker/config) is not used: it takes a hosts.toml that it cannot read for none, falls back from TLS
// to plain HTTP, and does not return its settings, which BuildKit's daemon needs as well.
package hosts

import (
	"cmp"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Machine holds the settings in the files of this machine. The zero value and nil say nothing: registries speak HTTPS, and plain HTTP on
// this machine. It is safe for concurrent use, and reads the files of each registry once.
type Machine struct {
	Dirs    []Directory
	Foreign string // a directory whose files never count, also behind a link: the application's repository; may be empty

	broken error
	mu     sync.Mutex
	known  map[string]reading
}

// New returns what the files of this machine say: those of the named directory, which may be empty, and of containerd's and
// docker's. Where the named one cannot be used, every Lookup fails by that.
func New(named, foreign string) *Machine {
	m := &Machine{Foreign: foreign}
	if m.Dirs, m.broken = directories(named); m.broken == nil {
		m.broken = m.checkNamed()
	}
	return m
}

// Err returns why nothing is known of any registry.
func (m *Machine) Err() error {
	if m == nil {
		return nil
	}
	return m.broken
}

// Directory is a directory in which each registry has one of its own, named by its host: ghcr.io, registry.example.com_5000_ or
// registry.example.com:5000.
type Directory struct {
	Path   string
	Wanted bool // a person has named it, so that it must be there
}

type reading struct {
	registry Registry
	err      error
}

// Registry holds the endpoints of a registry on a machine.
type Registry struct {
	Name     string   // as in references: ghcr.io, docker.io, registry.example.com:5000
	Dir      string   // where its files are; empty: the machine says nothing of it
	Endpoint Endpoint // where it answers itself
	// Replaced is the place to which the machine's files send all requests for the registry in its place; empty: none. Mirrors ends with
	// it.
	Replaced string
	Mirrors  []Endpoint // asked before the registry itself for what is pulled, in this order
}

// Lookup returns how a registry is reached. The error is a problem.Problem: what a file means that cannot be read is not guessed.
func (m *Machine) Lookup(registry string) (Registry, error) {
	if m == nil {
		return unsaid(registry), nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.known[registry]
	if !ok {
		known.registry, known.err = m.read(registry)
		if m.known == nil {
			m.known = map[string]reading{}
		}
		m.known[registry] = known
	}
	return known.registry, known.err
}

// SpeaksHTTP reports whether a host is reached without TLS: on this machine, or because a file of the machine says so.
func (m *Machine) SpeaksHTTP(host string) bool {
	r, err := m.Lookup(host)
	return err == nil && r.Endpoint.Scheme == schemeHTTP
}

func (m *Machine) read(registry string) (Registry, error) {
	r := unsaid(registry)
	if m.broken != nil {
		return r, m.broken
	}
	dir, err := m.find(registry)
	if err != nil || dir == "" {
		return r, err
	}
	r.Dir = dir
	text, err := m.readFile(dir, hostsFile)
	if err != nil {
		return r, err
	}
	if len(text) > 0 {
		return m.readHosts(r, text)
	}
	return m.readCertificates(r)
}

// The schemes of addresses.
const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"
)

// unsaid is a registry of which a machine says nothing.
func unsaid(registry string) Registry {
	e := Endpoint{Scheme: schemeHTTPS, Host: address(registry), Path: apiPath}
	if transport.IsLoopback(registry) {
		e.Scheme = schemeHTTP
	}
	return Registry{Name: registry, Endpoint: e}
}

// apiPath is the root path of a registry's API (distribution specification).
const apiPath = "/v2"

// address is the host that answers for a registry; Docker Hub's name is not one.
func address(registry string) string {
	if registry == dockerHub {
		return "registry-1.docker.io"
	}
	return cmp.Or(registry, "localhost")
}

const dockerHub = "docker.io"
