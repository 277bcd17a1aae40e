package transport

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// SameOrigin reports whether two addresses have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}

// IsLoopback reports whether a host, with or without a port, is this machine by its name or address alone.
func IsLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// IsPrivate reports whether a credential may travel to an address: over https, or on this machine.
func IsPrivate(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "https") || IsLoopback(u.Host)
}

// public are the headers that say nothing but what is asked for, by what, and in which form.
var public = []string{
	"Accept", "Accept-Encoding", "Content-Length", "Content-Range", "Content-Type", "If-Modified-Since", "If-None-Match", "If-Range",
	"Range", "User-Agent",
}

// strayed reports whether a redirect, this one or one before, led to another origin than the first request's.
func strayed(r *http.Request) bool {
	for from := r; from.Response != nil && from.Response.Request != nil; {
		before := from.Response.Request
		if !SameOrigin(before.URL, r.URL) {
			return true
		}
		from = before
	}
	return false
}
