package auth

import (
	"net/netip"
	"regexp"
	"strings"
)

// The variables of a registry's user and password, before its host in capitals.
const (
	TokenVariable = "REGISTRY_TOKEN_"
	UserVariable  = "REGISTRY_USER_"
)

// HostTokens returns what variables of single registries say; tokens and users are by what stands behind the names above. A name that is
// no host's is left out: other programs have variables that begin so.
func HostTokens(tokens, users map[string]string) (all []Token) {
	for name, secret := range tokens {
		if host, ok := hostOfVariable(name); ok && secret != "" {
			all = append(all, Token{Hosts: []string{host}, User: users[name], Secret: secret, Name: TokenVariable + name})
		}
	}
	return all
}

// hostVariable is the end of a registry's variables: a hyphen is two underscores, what else separates is one, so that no two hosts have
// the same.
func hostVariable(host string) string {
	return strings.ToUpper(strings.NewReplacer("-", "__", ".", "_", ":", "_").Replace(host))
}

// hostOfVariable is the one host whose variables end so.
func hostOfVariable(name string) (host string, ok bool) {
	host = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "__", "-"), "_", ".")
	if at := strings.LastIndexByte(host, '.'); at > 0 && isPort(host[:at], host[at+1:]) {
		host = host[:at] + ":" + host[at+1:]
	}
	return host, hostName.MatchString(host) && hostVariable(host) == name
}

// isPort reports whether the last part is a port. No name ends with a number (RFC 3696, section 2), and an address has four.
func isPort(before, last string) bool {
	if strings.Trim(last, "0123456789") != "" {
		return false
	}
	_, err := netip.ParseAddr(before + "." + last)
	return err != nil
}

// hostName is the grammar of hosts that a variable's name can say; those of IPv6 have docker's logins.
var hostName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]+)?$`)

// VariablesFor returns the names of the variables with a registry's password and user; empty where no name can say the host.
func VariablesFor(host string) (token, user string) {
	if name := hostVariable(host); hostName.MatchString(strings.ToLower(host)) {
		return TokenVariable + name, UserVariable + name
	}
	return "", ""
}
