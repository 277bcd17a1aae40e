package hosts

import (
	"os"
	"regexp"
	"slices"
	"strings"
)

// registryName is the grammar of a registry in references (distribution/reference, "domain").
var registryName = regexp.MustCompile(`^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$`)

// List returns the registries that have a directory of their own, in order. What cannot be listed has none.
func (m *Machine) List() (registries []string) {
	if m == nil {
		return nil
	}
	for _, root := range m.Dirs {
		entries, _ := os.ReadDir(root.Path)
		for _, entry := range entries {
			name := entry.Name()
			if host, ok := strings.CutSuffix(name, "_"); ok {
				if at := strings.LastIndexByte(host, '_'); at > 0 {
					name = host[:at] + ":" + host[at+1:]
				}
			}
			if registryName.MatchString(name) {
				registries = append(registries, name)
			}
		}
	}
	slices.Sort(registries)
	return slices.Compact(registries)
}
