package daemon

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Registry holds a daemon's settings for one registry, as far as buildkitd.toml can express them.
type Registry struct {
	Host        string // as in references
	HTTP        bool   // without TLS
	Insecure    bool   // any certificate does
	Authorities []string
	Pairs       []KeyPair
	Mirrors     []string // host, or host/path
}

// KeyPair are the files of a client's certificate and of its key.
type KeyPair struct {
	Key         string `toml:"key"`
	Certificate string `toml:"cert"`
}

// registryTable is the table [registry."host"] (buildkit, docs/buildkitd.toml.md). HTTP is always written: without it BuildKit speaks
// no TLS to its own machine, whatever certificates are named.
type registryTable struct {
	Mirrors     []string  `toml:"mirrors,omitempty"`
	HTTP        bool      `toml:"http"`
	Insecure    bool      `toml:"insecure,omitempty"`
	Authorities []string  `toml:"ca,omitempty"`
	Pairs       []KeyPair `toml:"keypair,omitempty"`
}

// RegistryTables returns the part of buildkitd.toml that says how registries are reached; nothing for none.
func RegistryTables(registries []Registry) ([]byte, error) {
	if len(registries) == 0 {
		return nil, nil
	}
	tables := map[string]registryTable{}
	for _, r := range registries {
		tables[r.Host] = registryTable{
			Mirrors: r.Mirrors, HTTP: r.HTTP, Insecure: r.Insecure, Authorities: r.Authorities, Pairs: r.Pairs,
		}
	}
	text, err := toml.Marshal(map[string]any{"registry": tables})
	if err != nil {
		return nil, fmt.Errorf("writing how the BuildKit daemon reaches registries: %w", err)
	}
	return text, nil
}

// withoutPairs leaves out the certificates by which this machine shows what it is: a daemon on another one does not get its keys.
func withoutPairs(registries []Registry) []Registry {
	kept := slices.Clone(registries)
	for i := range kept {
		kept[i].Pairs = nil
	}
	return kept
}

// registryFiles are all files that the tables name, in order.
func registryFiles(registries []Registry) (files []string) {
	for _, r := range registries {
		files = append(files, r.Authorities...)
		for _, pair := range r.Pairs {
			files = append(files, pair.Certificate, pair.Key)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// registriesSum tells settings of registries from others: by the tables, and by what is in their files. It is empty where nothing is
// said, as by a daemon that was started before anything was.
func registriesSum(registries []Registry) (string, error) {
	text, err := RegistryTables(registries)
	if err != nil || len(text) == 0 {
		return "", err
	}
	sum := sha256.New()
	sum.Write(text)
	for _, file := range registryFiles(registries) {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("reading what the BuildKit daemon is to know of registries: %w", err)
		}
		fmt.Fprintf(sum, "%d\n", len(data))
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// keptSum returns the checksum of the settings that astrago-ci's own daemon was started with.
func (d stateDir) keptSum() string {
	data, _ := os.ReadFile(d.registriesPath()) // one of before has none
	return string(data)
}

func (d stateDir) registriesPath() string { return d.filePath("registries.sum") }

// inContainer returns registries with the files that they have in a container, and these by their names there.
func inContainer(registries []Registry) (moved []Registry, files map[string]string) {
	files = map[string]string{}
	names := map[string]string{}
	rename := func(file string) string {
		if names[file] == "" {
			names[file] = fmt.Sprintf("%s/%d.pem", containerFiles, len(names))
			files[names[file]] = file
		}
		return names[file]
	}
	for _, r := range registries {
		r.Authorities = slices.Clone(r.Authorities)
		for i, file := range r.Authorities {
			r.Authorities[i] = rename(file)
		}
		r.Pairs = slices.Clone(r.Pairs)
		for i, pair := range r.Pairs {
			r.Pairs[i] = KeyPair{Key: rename(pair.Key), Certificate: rename(pair.Certificate)}
		}
		moved = append(moved, r)
	}
	slices.SortFunc(moved, func(a, b Registry) int { return cmp.Compare(a.Host, b.Host) })
	return moved, files
}

// containerFiles is their directory in astrago-ci's container.
const containerFiles = "/etc/buildkit/astrago-ci"

// MissingRegistries returns those of the registries that a buildkitd.toml does not know as they are: files may have other names there.
func MissingRegistries(text []byte, registries []Registry) (missing []Registry, err error) {
	var read struct {
		Registry map[string]registryTable `toml:"registry"`
	}
	if err := toml.Unmarshal(text, &read); err != nil {
		return registries, fmt.Errorf("reading the BuildKit daemon's configuration: %w", err)
	}
	for _, r := range registries {
		known, ok := read.Registry[r.Host]
		lacksMirror := slices.ContainsFunc(r.Mirrors, func(mirror string) bool { return !slices.Contains(known.Mirrors, mirror) })
		if !ok || lacksMirror || known.HTTP != r.HTTP || known.Insecure != r.Insecure ||
			len(known.Authorities) < min(1, len(r.Authorities)) || len(known.Pairs) < min(1, len(r.Pairs)) {
			missing = append(missing, r)
		}
	}
	return missing, nil
}
