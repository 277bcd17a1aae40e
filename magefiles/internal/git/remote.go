package git

import (
	"net/url"
	"regexp"
	"strings"
)

// scpAddress is git's short form of an ssh address: [user@]host:path (gitglossary, "GIT URLS" in git-fetch(1)).
var scpAddress = regexp.MustCompile(`^(?:[^@/\s]+@)?([^:/\s]+):([^/\s].*)$`)

// repositorySlug is owner/name, the last two segments of a path on a forge.
var repositorySlug = regexp.MustCompile(`^(?:.*/)?([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)$`)

// Remote takes a remote address apart: owner/name and the https address without credentials. Both are empty for an
// address that names no repository on a forge, such as a local path.
func Remote(address string) (repository, web string) {
	host, path := hostAndPath(strings.TrimSpace(address))
	path = strings.Trim(strings.TrimSuffix(strings.Trim(path, "/"), ".git"), "/")
	match := repositorySlug.FindStringSubmatch(path)
	if host == "" || match == nil {
		return "", ""
	}
	return match[1], "https://" + host + "/" + path
}

func hostAndPath(address string) (host, path string) {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil || u.Scheme == "file" {
			return "", ""
		}
		if u.Scheme == "ssh" || u.Scheme == "git" {
			return u.Hostname(), u.Path // the port of ssh is not that of the web
		}
		return u.Host, u.Path
	}
	if match := scpAddress.FindStringSubmatch(address); match != nil {
		return match[1], match[2]
	}
	return "", ""
}
