# SPDX-License-Identifier: GPL-2.0-only
# gnuplot -e "dir='...'" plots.gp: one SVG of each group of *.dat in dir.
set terminal svg size 800,480 background rgb 'white'
set key outside right
set logscale x
set grid
set yrange [0:*]
set style data linespoints
file(name) = dir . '/' . name . '.dat'

set output dir . '/memory.svg'
set title 'Memory: instructions per page'
set xlabel 'pages'
set ylabel 'instructions per page'
plot for [n in 'first-touch map-unmap unmap-touched dirty-log'] file(n) title n

set output dir . '/objects.svg'
set title 'Partitions and VPs: instructions per object'
set xlabel 'objects'
set ylabel 'instructions per object'
plot for [n in 'partition-create partition-destroy vp-create vp-destroy'] file(n) title n

set output dir . '/registers.svg'
set title 'Registers: instructions per register'
set xlabel 'registers in one call'
set ylabel 'instructions per register'
plot for [n in 'page-registers-get page-registers-set other-registers-get other-registers-set'] \
	file(n) using 1:($2/$1) title n
