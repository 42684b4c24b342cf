package config

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var (
	errDuration = errors.New("not a duration")
	daysPrefix  = regexp.MustCompile(`^(\d{1,6})d(.*)$`)
)

// ParseDuration reads 300ms, 5s, 2m, 1h30m and, beyond what Go knows, whole days in front: 400d, 1d12h. A day is
// 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	rest, days := s, time.Duration(0)
	if m := daysPrefix.FindStringSubmatch(s); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n > int64(math.MaxInt64/day)-1 {
			return 0, errDuration
		}
		days, rest = time.Duration(n)*day, m[2]
		if rest == "" {
			return days, nil
		}
		if !strings.ContainsAny(rest[:1], "0123456789.") {
			return 0, errDuration
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d > math.MaxInt64-days {
		return 0, errDuration
	}
	return days + d, nil
}

// FormatDuration writes d the way that ParseDuration reads it, without empty units: 2m, not 2m0s; 400d, not 9600h.
func FormatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
