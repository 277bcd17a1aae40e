package config

import (
	"strings"
)

// SSH is an agent or a key that RUN --mount=type=ssh may use; it never gets into an image.
type SSH struct {
	ID   string // "default" where the mount names none
	Path string // socket or private key, relative to the root or absolute; empty is the agent of SSH_AUTH_SOCK
}

var sshID = matching("id", `[A-Za-z0-9][A-Za-z0-9._-]*`, "default, or id=path, as in docker build --ssh")

// ssh decodes entries in the form of docker build --ssh: default, or id=path.
func (d *decoder) ssh(into *[]SSH) decode {
	seen := map[string]bool{}
	return d.list(true, func(v value) {
		text, ok := d.string(v, command)
		if !ok {
			return
		}
		id, path, _ := strings.Cut(text, "=")
		if _, flaw := sshID.check(id); flaw != nil {
			d.reportAt(v.Node, flaw.remedy, "%s %s", v.path, flaw.what)
			return
		}
		if seen[id] {
			d.reportAt(v.Node, "give each an id of its own", "%s has the id %q, which is taken", v.path, id)
		}
		seen[id] = true
		*into = append(*into, SSH{ID: id, Path: path})
	})
}
