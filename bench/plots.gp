# SPDX-License-Identifier: GPL-2.0-only
# gnuplot -e "dir='...'" plots.gp: one SVG of each group of *.dat in dir.
set terminal svg size 800,480 font 'sans-serif,14' background rgb 'white' linewidth 1.5
set key outside right top Left reverse
set logscale x
set grid
set yrange [0:*]
set style data linespoints
# dark enough on white, told apart without colours by their points
set linetype 1 lc rgb '#0072b2' pt 5 ps 0.7
set linetype 2 lc rgb '#b34700' pt 7 ps 0.7
set linetype 3 lc rgb '#00754f' pt 9 ps 0.7
set linetype 4 lc rgb '#8a2f78' pt 13 ps 0.7
file(name) = dir . '/' . name . '.dat'
title_of(name) = system("echo " . name . " | tr - ' '")

set output dir . '/memory.svg'
set title 'Memory: instructions per page, root scheduler'
set xlabel 'pages of 4 KiB'
set ylabel 'instructions per page'
plot for [n in 'first-touch map-unmap unmap-touched dirty-log'] file(n) title title_of(n)

set output dir . '/objects.svg'
set title 'Partitions and VPs: thousands of instructions per object, root scheduler'
set xlabel 'objects'
set ylabel 'thousands of instructions per object'
plot for [n in 'partition-create partition-destroy vp-create vp-destroy'] \
	file(n) using 1:($2/1000) title title_of(n)

set output dir . '/registers.svg'
set title 'Registers: instructions per register, root scheduler'
set xlabel 'registers in one call'
set ylabel 'instructions per register'
set logscale y
set yrange [10:10000]
plot for [n in 'page-registers-get page-registers-set other-registers-get other-registers-set'] \
	file(n) using 1:($2/$1) title title_of(n)
